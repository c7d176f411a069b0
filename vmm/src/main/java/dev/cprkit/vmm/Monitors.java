package dev.cprkit.vmm;

import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.cli.ChardevText;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.migration.BlockerCommands;
import dev.cprkit.vmm.migration.EarlierCommands;
import dev.cprkit.vmm.migration.Migration;
import dev.cprkit.vmm.migration.MigrationHmp;
import dev.cprkit.vmm.migration.MigrationQmp;
import dev.cprkit.vmm.monitor.GuestInspection;
import dev.cprkit.vmm.monitor.MachineFacts;
import dev.cprkit.vmm.monitor.MonitorConfig;
import dev.cprkit.vmm.monitor.Version;
import dev.cprkit.vmm.monitor.hmp.ActionHmp;
import dev.cprkit.vmm.monitor.hmp.HmpMonitor;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import dev.cprkit.vmm.monitor.hmp.MachineHmp;
import dev.cprkit.vmm.monitor.hmp.RunHmp;
import dev.cprkit.vmm.monitor.hmp.command.AbsentDevices;
import dev.cprkit.vmm.monitor.hmp.command.ChardevHmp;
import dev.cprkit.vmm.monitor.hmp.command.DebugHmp;
import dev.cprkit.vmm.monitor.hmp.command.GuestHmp;
import dev.cprkit.vmm.monitor.hmp.command.MemoryMapHmp;
import dev.cprkit.vmm.monitor.qmp.ActionCommands;
import dev.cprkit.vmm.monitor.qmp.ChardevCommands;
import dev.cprkit.vmm.monitor.qmp.HumanCommands;
import dev.cprkit.vmm.monitor.qmp.MachineCommands;
import dev.cprkit.vmm.monitor.qmp.QmpRegistry;
import dev.cprkit.vmm.monitor.qmp.QmpServer;
import dev.cprkit.vmm.monitor.qmp.RunCommands;
import dev.cprkit.vmm.monitor.qmp.SessionCommands;
import dev.cprkit.vmm.monitor.qmp.TypeCommands;
import dev.cprkit.vmm.run.EventLoop;
import java.util.List;
import java.util.function.Consumer;

/** Every command that a monitor knows, and the monitors that the command line asks for. */
final class Monitors {
    private final QmpServer qmp;
    private final HmpShell shell;
    private final Version version;

    /** Registers the commands. */
    Monitors(
            QmpRegistry qmpCommands,
            QmpServer qmp,
            Version version,
            VirtualMachine machine,
            MachineFacts facts,
            GuestInspection guest,
            Migration migration,
            Chardevs chardevs,
            Consumer<String> complaints) {
        this.qmp = qmp;
        this.version = version;
        HmpRegistry hmpCommands = new HmpRegistry();
        this.shell = new HmpShell(hmpCommands);
        hmpCommands.later(registry -> {
            new RunHmp(machine).register(registry);
            new ActionHmp(machine).register(registry);
            new MachineHmp(facts, chardevs, version).register(registry);
            MigrationHmp.register(registry, migration, machine.loop().hostClock());
            GuestHmp.register(registry, guest);
            MemoryMapHmp.register(registry, machine, guest);
            DebugHmp.register(registry, guest);
            ChardevHmp.register(registry, chardevs, new ChardevText());
            AbsentDevices.register(registry);
        });
        new SessionCommands(qmpCommands, version).register();
        new RunCommands(machine).register(qmpCommands);
        new ActionCommands(machine).register(qmpCommands);
        new MachineCommands(facts).register(qmpCommands);
        new TypeCommands(List.of()).register(qmpCommands);
        new ChardevCommands(chardevs).register(qmpCommands);
        new HumanCommands(shell, facts.cpus().size()).register(qmpCommands);
        MigrationQmp.register(qmpCommands, migration);
        BlockerCommands.register(qmpCommands, hmpCommands, migration.blockers());
        EarlierCommands.register(qmpCommands, hmpCommands, migration, complaints);
    }

    /** Opens one monitor on its chardev. */
    void open(MonitorConfig config, Chardevs chardevs, EventLoop loop) throws ChardevException {
        Chardev chardev = chardevs.claim(config.chardev());
        switch (config.mode()) {
            case CONTROL -> qmp.open(chardev, config.pretty());
            case READLINE -> HmpMonitor.open(shell, version, loop, chardev);
        }
    }
}
