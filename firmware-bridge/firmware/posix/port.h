/* The chair's end of the serial line: a pseudo-terminal, or a TCP port with one client at a time. */
#ifndef CALMLOOP_PORT_H
#define CALMLOOP_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct port {
    int listener;          /* TCP: the listening socket; else -1 */
    int line;              /* pty master or the client's socket; -1 when there is none */
    bool connected;        /* someone has the other end open */
    int openings;          /* pty: tells each opening of the slave, however short; else -1 */
    const char *link_path; /* pty: the symbolic link that names the slave; else NULL */
};

/* Make a pty and name its slave by a symbolic link, replacing an older link. False: errno says why. */
bool port_open_pty(struct port *port, const char *link_path);

/* Listen on HOST:PORT (port 0: any; the one chosen is printed). False: errno says why. */
bool port_open_tcp(struct port *port, const char *address);

/* A descriptor to wait on, or -1 while nothing but time can bring news. */
int port_wait_fd(const struct port *port);

/* See whether someone came or went. True when a new client has just opened the line. */
bool port_poll(struct port *port);

/* Bytes that have come, at most `size`; 0 when none. */
size_t port_read(struct port *port, uint8_t *bytes, size_t size);

/* Send; like a UART it waits for nobody, and what does not fit is lost. */
void port_write(struct port *port, const uint8_t *bytes, size_t size);

void port_close(struct port *port);

#endif
