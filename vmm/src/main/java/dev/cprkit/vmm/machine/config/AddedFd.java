package dev.cprkit.vmm.machine.config;

import java.util.Optional;

/**
 * {@code -add-fd}: an inherited file for a set.
 *
 * @param fd its descriptor
 * @param set the set's number
 * @param opaque what its giver wants to be reminded of
 */
public record AddedFd(int fd, long set, Optional<String> opaque) {}
