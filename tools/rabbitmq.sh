#!/bin/sh
# Makes a root with RabbitMQ 4 in it, since Debian's stable suite has 3. It costs 250 MB and two minutes, once.
program=RabbitMQ
. "$(dirname "$0")/testing_root.sh"

begin_root rabbitmq usr/lib/rabbitmq/bin/rabbitmq-server rabbitmq-server
end_root
