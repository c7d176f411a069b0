package dev.cprkit.agent.update;

import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What is asked for.
 *
 * @param qmp the old process's QMP socket, or a link to it
 * @param program the new program; the old process's own path if empty
 * @param timeout for everything until the guest is in the new process; backing out has limits of its own
 * @param mode how the guest gets there
 */
public record UpdateRequest(Path qmp, Optional<Path> program, Duration timeout, MigMode mode) {}
