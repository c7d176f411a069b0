package dev.cprkit.vmm.monitor.qapi;

/** An event as clients see it; {@code data} has no members if it carries none. */
public record QapiEvent(String name, QapiType.Structure data) {}
