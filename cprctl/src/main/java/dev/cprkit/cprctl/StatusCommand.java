package dev.cprkit.cprctl;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.VmStatus;
import dev.cprkit.agent.host.LinuxHost;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cprctl status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {"Tells which process runs the VM, and what the VM is doing. Changes nothing.", ""},
        optionListHeading = "%nOptions:%n")
final class StatusCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Spec
    private CommandSpec spec;

    @Mixin
    private QmpOption vm;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            VmStatus status = VmStatus.of(vm.qmp, new LinuxHost(), LIMIT);
            if (vm.json) {
                out.println(json(status));
            } else {
                text(status, out);
            }
            return ExitStatus.OK.number();
        } catch (IOException e) {
            spec.commandLine().getErr().println("cprctl: " + e.getMessage());
            return ExitStatus.UNREACHABLE.number();
        }
    }

    private static void text(VmStatus status, PrintWriter out) {
        line(out, "guest", status.runState());
        line(out, "name", status.name().isEmpty() ? "-" : status.name());
        line(out, "process", status.pid() + " (" + status.program() + ")");
        line(out, "version", status.version());
        line(out, "QMP", status.qmp() + ", generation " + status.generation());
        line(out, "memory", (status.memoryBytes() >> 20) + " MiB");
        line(out, "migration", status.migration() + ", mode " + status.mode());
    }

    private static void line(PrintWriter out, String what, String value) {
        out.printf(Locale.ROOT, "%-10s %s%n", what, value);
    }

    private static ObjectNode json(VmStatus status) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("run-state", status.runState())
                .put("name", status.name())
                .put("pid", status.pid())
                .put("program", status.program())
                .put("version", status.version())
                .put("qmp", status.qmp().toString())
                .put("generation", status.generation())
                .put("memory-bytes", status.memoryBytes())
                .put("migration", status.migration())
                .put("mode", status.mode());
    }
}
