package dev.cprkit.agent.check;

import java.util.OptionalLong;

/**
 * What the host has for a new process.
 *
 * @param uid the user that it would run as
 * @param cgroup the control group that it would be in; may be empty
 * @param availableBytes memory that can be had without swapping
 * @param cgroupBytes memory that its control group has left; empty if that has no limit
 * @param lockableBytes memory that it may lock; empty if there is no limit
 */
public record HostFacts(
        int uid, String cgroup, long availableBytes, OptionalLong cgroupBytes, OptionalLong lockableBytes) {}
