#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_MS 100

void control_init(struct control *control, control_handler *handler, void *context)
{
    *control = (struct control){.listener = -1, .handler = handler, .context = context};
    for (int i = 0; i < CONTROL_CLIENTS; i++) {
        control->clients[i].fd = -1;
    }
}

bool control_open(struct control *control, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (unlink(path) != 0 && errno != ENOENT) {
        return false;
    }
    control->path = path;
    control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return control->listener >= 0 &&
           bind(control->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
           listen(control->listener, CONTROL_CLIENTS) == 0;
}

static void drop(struct control_client *client)
{
    close(client->fd);
    client->fd = -1;
}

static void accept_client(struct control *control)
{
    for (int i = 0; i < CONTROL_CLIENTS; i++) {
        struct control_client *client = &control->clients[i];

        if (client->fd < 0) {
            client->fd = accept4(control->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            client->held = 0;
            return;
        }
    }
}

static void answer(struct control_client *client, const char *wrong, const char *more)
{
    char text[CONTROL_ANSWER + 64];
    int size = wrong != NULL ? snprintf(text, sizeof text, "error: %s\n", wrong)
                             : snprintf(text, sizeof text, "ok%s%s\n", *more ? " " : "", more);

    if (send(client->fd, text, (size_t)size, MSG_NOSIGNAL) != size) {
        drop(client);
    }
}

static void receive_byte(struct control *control, struct control_client *client, char byte)
{
    char more[CONTROL_ANSWER] = "";

    if (byte != '\n') {
        client->line[client->held] = byte;
        client->held += client->held < sizeof client->line - 1 ? 1 : 0;
        return;
    }
    client->line[client->held] = '\0';
    client->held = 0;
    const char *wrong = control->handler(control->context, client->line, more);
    answer(client, wrong, more);
}

static void serve(struct control *control, struct control_client *client)
{
    while (client->fd >= 0) {
        char byte;
        ssize_t count = read(client->fd, &byte, 1);

        if (count == 1) {
            receive_byte(control, client, byte);
        } else if (count < 0 && errno == EAGAIN) {
            return;
        } else {
            drop(client);
        }
    }
}

void control_wait(const struct control *control)
{
    struct pollfd waiting[CONTROL_CLIENTS + 1] = {{.fd = control->listener, .events = POLLIN}};

    for (int i = 0; i < CONTROL_CLIENTS; i++) {
        waiting[i + 1] = (struct pollfd){.fd = control->clients[i].fd, .events = POLLIN};
    }
    (void)poll(waiting, CONTROL_CLIENTS + 1, WAIT_MS);
}

void control_poll(struct control *control)
{
    if (control->listener < 0) {
        return;
    }
    accept_client(control);
    for (int i = 0; i < CONTROL_CLIENTS; i++) {
        serve(control, &control->clients[i]);
    }
}

void control_close(struct control *control)
{
    for (int i = 0; i < CONTROL_CLIENTS; i++) {
        if (control->clients[i].fd >= 0) {
            drop(&control->clients[i]);
        }
    }
    if (control->listener >= 0) {
        close(control->listener);
        (void)unlink(control->path);
    }
}
