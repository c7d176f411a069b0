package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import java.util.OptionalLong;

/** human-monitor-command: a line of the human monitor, run for a program. */
public final class HumanCommands {
    private final HmpShell shell;
    private final int cpus;

    /** @param cpus how many vCPUs there are */
    public HumanCommands(HmpShell shell, int cpus) {
        this.shell = shell;
        this.cpus = cpus;
    }

    /** Adds the command. */
    public void register(QmpRegistry registry) {
        registry.add("human-monitor-command", this::run);
    }

    private JsonValue run(QmpArguments arguments) throws QmpError {
        String line = arguments.string("command-line");
        OptionalLong cpu = arguments.optionalInteger("cpu-index");
        arguments.end();
        if (cpu.isPresent() && (cpu.getAsLong() < 0 || cpu.getAsLong() >= cpus)) {
            throw QmpError.generic("Parameter 'cpu-index' expects a CPU number");
        }
        StringBuilder text = new StringBuilder();
        shell.run(line, text::append);
        return new JsonString(text.toString().replace("\n", "\r\n"));
    }
}
