// Calls of Linux and glibc that Swift's Glibc module leaves out: it is built without _GNU_SOURCE.
#pragma once
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

int pipe2(int descriptors[2], int flags);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

// Swift 6 refuses to read `environ`, a variable that every thread may change.
extern char **environ;

// posix_spawn(3) with this process's environment where `environment` is null.
static inline int linux_spawn_program(pid_t *id, const char *path,
                                      const posix_spawn_file_actions_t *actions,
                                      const posix_spawnattr_t *attributes,
                                      char *const *words, char *const *environment) {
    return posix_spawn(id, path, actions, attributes, words, environment ? environment : environ);
}

// Straight from the kernel, whose numbers never change.
static inline int linux_rename_without_replacing(
    int source_folder, const char *source, int target_folder, const char *target) {
    const unsigned no_replace = 1;
    return (int)syscall(SYS_renameat2, source_folder, source, target_folder, target, no_replace);
}
static inline int linux_take_read_lease(int descriptor) {
    const int set_lease = 1024, read_lock = 0;
    return (int)syscall(SYS_fcntl, descriptor, set_lease, read_lock);
}
static inline int linux_drop_lease(int descriptor) {
    const int set_lease = 1024, unlock = 2;
    return (int)syscall(SYS_fcntl, descriptor, set_lease, unlock);
}

// The soft limit on the size of files that another process writes; never above its hard one.
static inline int linux_limit_file_size(pid_t process, unsigned long long bytes) {
    const int file_size = 1;
    struct { unsigned long long soft, hard; } limit;
    if (syscall(SYS_prlimit64, process, file_size, NULL, &limit) != 0) return -1;
    limit.soft = bytes < limit.hard ? bytes : limit.hard;
    return (int)syscall(SYS_prlimit64, process, file_size, &limit, NULL);
}
