package dev.cprkit.vmm.machine.config;

import java.util.Optional;

/**
 * What a test of the board from outside asks for.
 *
 * @param drives {@code -accel qtest}: no guest executes, and the machine's clock moves when the test says so
 * @param chardev {@code -qtest}: the id of the chardev on which the test speaks
 * @param log {@code -qtest-log}: the file in which the conversation is written down
 */
public record QtestConfig(boolean drives, Optional<String> chardev, Optional<String> log) {}
