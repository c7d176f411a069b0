package dev.cprkit.vmm.monitor.hmp;

import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.monitor.MachineFacts;
import dev.cprkit.vmm.monitor.Version;
import java.util.List;

/** What {@code info} tells of the machine: version, name, uuid, cpus, memdev, chardev. */
public final class MachineHmp {
    private final MachineFacts facts;
    private final Chardevs chardevs;
    private final Version version;

    public MachineHmp(MachineFacts facts, Chardevs chardevs, Version version) {
        this.facts = facts;
        this.chardevs = chardevs;
        this.version = version;
    }

    /** Adds the commands. */
    public void register(HmpRegistry registry) {
        info(registry, "version", "show the version of QEMU", (out, rest) -> version(out));
        info(registry, "name", "show the current VM name", (out, rest) -> name(out));
        info(registry, "uuid", "show the current VM UUID", (out, rest) -> out.println(facts.uuid()));
        info(registry, "cpus", "show infos for each CPU", (out, rest) -> cpus(out));
        info(registry, "memdev", "show memory backends", (out, rest) -> memoryBackends(out));
        info(
                registry,
                "memory_size_summary",
                "show how much memory the machine has, in bytes",
                (out, rest) -> out.println("base memory: " + facts.ramSize()));
        info(registry, "history", "show the lines that were entered", (out, rest) -> history(out));
        info(registry, "chardev", "show the character devices", (out, rest) -> chardevs(out));
    }

    private static void info(HmpRegistry registry, String name, String help, HmpCommand.Action action) {
        registry.addInfo(new HmpCommand(name, "", help, action));
    }

    private void version(HmpOutput out) {
        out.println(version.numbers() + version.packageText());
    }

    private static void history(HmpOutput out) {
        List<String> lines = out.history();
        for (int i = 0; i < lines.size(); i++) {
            out.println(i + ": '" + lines.get(i) + "'");
        }
    }

    private void name(HmpOutput out) {
        if (facts.name().isPresent()) {
            out.println(facts.name().get());
        }
    }

    private void cpus(HmpOutput out) {
        for (MachineFacts.Cpu cpu : facts.cpus()) {
            out.println((cpu.index() == 0 ? "* " : "  ") + "CPU #" + cpu.index() + ": thread_id="
                    + cpu.threadId().getAsLong() + " model=" + cpu.model());
        }
    }

    private void memoryBackends(HmpOutput out) {
        for (MachineFacts.MemoryBackend backend : facts.memoryBackends()) {
            out.println("memory backend: " + backend.id().orElse(""));
            out.println("  size:  " + backend.size());
            out.println("  merge: " + backend.merge());
            out.println("  dump: " + backend.dump());
            out.println("  prealloc: " + backend.prealloc());
            out.println("  share: " + backend.share());
            out.println("  reserve: " + backend.reserve());
            out.println("  policy: default");
            out.println("  host nodes: ");
        }
        out.println("");
    }

    private void chardevs(HmpOutput out) {
        for (Chardevs.Info info : chardevs.all()) {
            out.println(info.label() + ": filename=" + info.filename());
        }
    }
}
