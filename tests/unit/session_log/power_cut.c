/* A power cut for a process that this is preloaded into: what was written below $CUT_FOLDER and not
   yet synced is taken back, wholly or in parts as $CUT_SEED says, at the $CUT_AFTER-th write. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct write {
    struct write *before;
    ino_t file;
    int fd;
    off_t at, size;
    ssize_t length;
    char bytes[];
};

static struct write *last;
static long writes;

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

static int is_ours(int fd, struct stat *status) {
    char link[64], path[4096];
    const char *folder = getenv("CUT_FOLDER");
    if (!folder || fstat(fd, status) || !S_ISREG(status->st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    return !strncmp(path, folder, strlen(folder)) && !strstr(path, "-shm");
}

static ssize_t really_write(int fd, const void *data, size_t length, off_t at) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    return real(fd, data, length, at);
}

static void cut(void) {
    unsigned seed = (unsigned)number("CUT_SEED");
    for (struct write *one = last; one; one = one->before) {
        if (seed % 2 && rand_r(&seed) % 3 == 0) continue; /* this one had reached the disk */
        if (one->length > 0) really_write(one->fd, one->bytes, (size_t)one->length, one->at);
        if (ftruncate(one->fd, one->size)) abort();
    }
    _exit(137);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t at) {
    struct stat status;
    if (is_ours(fd, &status)) {
        struct write *one = malloc(sizeof *one + length);
        one->before = last;
        one->file = status.st_ino;
        one->fd = dup(fd);
        one->at = at;
        one->size = status.st_size;
        one->length = pread(fd, one->bytes, length, at);
        last = one;
        ssize_t done = really_write(fd, data, length, at);
        if (++writes == number("CUT_AFTER")) cut();
        return done;
    }
    return really_write(fd, data, length, at);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
    return pwrite64(fd, data, length, at);
}

static void forget(int fd) {
    struct stat status;
    if (fstat(fd, &status)) return;
    for (struct write **one = &last; *one;) {
        if ((*one)->file == status.st_ino)
            *one = (*one)->before; /* the test's process is short: nothing is freed */
        else
            one = &(*one)->before;
    }
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    int done = real(fd);
    forget(fd);
    return done;
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    int done = real(fd);
    forget(fd);
    return done;
}
