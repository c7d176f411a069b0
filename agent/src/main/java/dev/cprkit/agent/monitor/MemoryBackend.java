package dev.cprkit.agent.monitor;

/**
 * A memory backend, from {@code query-memdev}.
 *
 * @param id empty if it has none
 * @param size bytes
 */
public record MemoryBackend(String id, long size, boolean share) {}
