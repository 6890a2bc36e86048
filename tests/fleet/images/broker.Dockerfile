# Stands in for the published image of RabbitMQ, which cannot be had everywhere: Debian's, in the same places.
FROM calmloop-test/rabbitmq-root
RUN sed -i "s/^rabbitmq:x:[0-9]*:[0-9]*:/rabbitmq:x:999:999:/" /etc/passwd \
 && sed -i "s/^rabbitmq:x:[0-9]*:/rabbitmq:x:999:/" /etc/group \
 && mkdir -p /var/lib/rabbitmq /var/log/rabbitmq /etc/rabbitmq \
 && rm -rf /var/lib/rabbitmq/* \
 && chown -R 999:999 /var/lib/rabbitmq /var/log/rabbitmq /etc/rabbitmq
ENV PATH=/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/var/lib/rabbitmq RABBITMQ_MNESIA_BASE=/var/lib/rabbitmq/mnesia LANG=C.UTF-8
USER 999:999
CMD ["rabbitmq-server"]
