package dev.cprkit.agent.check;

import dev.cprkit.proto.client.QmpVersion;

/**
 * What the old VM says about itself on its monitor, for the checks to judge. What it has no answer to is empty.
 *
 * @param version of its program
 * @param processor {@code riscv64}, {@code x86_64}, …; may be empty
 */
public record VmFacts(
        QmpVersion version, String processor, MigrationFacts migration, MachineFacts machine, DeviceFacts devices) {}
