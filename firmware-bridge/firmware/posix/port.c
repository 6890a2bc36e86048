#define _GNU_SOURCE
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#define NAME_MAX_SIZE 128

static void set_raw(int fd)
{
    struct termios settings;

    if (tcgetattr(fd, &settings) == 0) {
        cfmakeraw(&settings);
        (void)tcsetattr(fd, TCSANOW, &settings);
    }
}

/* Opening and closing the slave once makes the master report a hang-up until someone opens it. */
static bool begin_hung_up(int master, char *name, size_t size)
{
    if (grantpt(master) != 0 || unlockpt(master) != 0 || ptsname_r(master, name, size) != 0) {
        return false;
    }
    int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0) {
        return false;
    }
    set_raw(slave);
    close(slave);
    return true;
}

bool port_open_pty(struct port *port, const char *link_path)
{
    char name[NAME_MAX_SIZE];
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    *port = (struct port){
        .listener = -1, .line = master, .openings = -1, .link_path = link_path};
    if (master < 0 || !begin_hung_up(master, name, sizeof name)) {
        return false;
    }
    port->openings = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (port->openings < 0 || inotify_add_watch(port->openings, name, IN_OPEN) < 0) {
        return false;
    }
    if (unlink(link_path) != 0 && errno != ENOENT) {
        return false;
    }
    return symlink(name, link_path) == 0;
}

static int listen_on(const struct addrinfo *info)
{
    int yes = 1;
    int fd = socket(info->ai_family, info->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, 4) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void print_port(int fd)
{
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    char service[16];

    if (getsockname(fd, (struct sockaddr *)&bound, &size) == 0 &&
        getnameinfo((struct sockaddr *)&bound, size, NULL, 0, service, sizeof service,
                    NI_NUMERICSERV) == 0) {
        printf("listening on port %s\n", service);
        fflush(stdout);
    }
}

bool port_open_tcp(struct port *port, const char *address)
{
    char host[NAME_MAX_SIZE];
    const char *colon = strrchr(address, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found;

    *port = (struct port){.listener = -1, .line = -1, .openings = -1};
    if (colon == NULL || (size_t)(colon - address) >= sizeof host) {
        errno = EINVAL;
        return false;
    }
    memcpy(host, address, (size_t)(colon - address));
    host[colon - address] = '\0';
    if (getaddrinfo(host[0] == '\0' ? NULL : host, colon + 1, &hints, &found) != 0) {
        errno = EADDRNOTAVAIL;
        return false;
    }
    port->listener = listen_on(found);
    freeaddrinfo(found);
    if (port->listener < 0) {
        return false;
    }
    print_port(port->listener);
    return true;
}

int port_wait_fd(const struct port *port)
{
    if (port->connected) {
        return port->line;
    }
    return port->listener;
}

static bool pty_is_open(int master)
{
    struct pollfd state = {.fd = master, .events = POLLIN};

    /* What was sent before a hang-up, a STOP perhaps, is still there to be read. */
    return poll(&state, 1, 0) >= 0 && (!(state.revents & POLLHUP) || (state.revents & POLLIN));
}

/* A hang-up between two openings can be shorter than a turn; the openings themselves are counted. */
static bool was_opened(int openings)
{
    uint8_t events[1024];
    bool opened = false;

    while (read(openings, events, sizeof events) > 0) {
        opened = true;
    }
    return opened;
}

static bool poll_pty(struct port *port)
{
    bool opened = was_opened(port->openings);

    port->connected = pty_is_open(port->line);
    if (opened && port->connected) {
        set_raw(port->line);
        return true;
    }
    return false;
}

static void drop_client(struct port *port)
{
    if (port->line >= 0) {
        close(port->line);
    }
    port->line = -1;
    port->connected = false;
}

static bool poll_tcp(struct port *port)
{
    int yes = 1;
    int client = accept4(port->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (client < 0) {
        return false;
    }
    drop_client(port);
    (void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    port->line = client;
    port->connected = true;
    return true;
}

bool port_poll(struct port *port)
{
    return port->listener >= 0 ? poll_tcp(port) : poll_pty(port);
}

size_t port_read(struct port *port, uint8_t *bytes, size_t size)
{
    if (!port->connected) {
        return 0;
    }
    ssize_t count = read(port->line, bytes, size);
    if (count > 0) {
        return (size_t)count;
    }
    bool gone = count == 0 || (errno != EAGAIN && errno != EINTR);
    if (gone && port->listener >= 0) {
        drop_client(port);
    }
    return 0;
}

void port_write(struct port *port, const uint8_t *bytes, size_t size)
{
    if (port->connected) {
        ssize_t sent = write(port->line, bytes, size);
        (void)sent;
    }
}

void port_close(struct port *port)
{
    drop_client(port);
    if (port->listener >= 0) {
        close(port->listener);
    }
    if (port->openings >= 0) {
        close(port->openings);
    }
    if (port->link_path != NULL) {
        (void)unlink(port->link_path);
    }
}
