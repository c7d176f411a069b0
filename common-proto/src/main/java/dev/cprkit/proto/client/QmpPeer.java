package dev.cprkit.proto.client;

/**
 * The process at the other end when it started to listen, as the kernel saw it (unix(7), SO_PEERCRED).
 *
 * @param pid in this process's pid namespace
 */
public record QmpPeer(int pid, int uid, int gid) {}
