package dev.cprkit.agent.check;

/** Everything that is looked at once, for all modes. */
public record CheckFacts(VmFacts vm, OldProcess process, HostFacts host, ProgramFacts next) {}
