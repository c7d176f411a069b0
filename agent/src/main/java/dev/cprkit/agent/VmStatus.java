package dev.cprkit.agent;

import dev.cprkit.agent.argv.GenerationalPath;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.monitor.MemoryBackend;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A VM at a glance.
 *
 * @param program the words that name it, without its arguments
 * @param qmp the socket itself, after links
 * @param generation how many updates have led to this process, by its socket's name
 * @param memoryBytes of all memory backends
 * @param migration the status of its last or present migration, "none" if there never was one
 */
public record VmStatus(
        String runState,
        String name,
        long pid,
        String program,
        String version,
        Path qmp,
        int generation,
        long memoryBytes,
        String migration,
        String mode) {

    /**
     * Asks.
     *
     * @param limit for each question
     * @throws IOException if the VM does not answer; the message is a sentence
     */
    public static VmStatus of(Path qmp, ProcessHost host, Duration limit) throws IOException {
        Path socket = qmp.toFile().exists() ? qmp.toRealPath() : qmp.toAbsolutePath();
        try (VmMonitor monitor = VmMonitor.open(socket, limit, () -> {})) {
            String version = monitor.negotiate().toString();
            long pid = monitor.peer().pid();
            ProcessFacts facts = host.facts(pid);
            return new VmStatus(
                    monitor.runState(),
                    monitor.name(),
                    pid,
                    String.join(
                            " ",
                            Program.of(facts.commandLine(), facts.executable()).words()),
                    version,
                    socket,
                    GenerationalPath.of(socket.toString()).generation(),
                    monitor.memory().stream().mapToLong(MemoryBackend::size).sum(),
                    monitor.migration().statusName(),
                    monitor.mode());
        } catch (QmpException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
