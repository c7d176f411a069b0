package dev.cprkit.vmm;

import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.cli.ChardevText;
import dev.cprkit.vmm.cli.ObjectText;
import dev.cprkit.vmm.machine.ObjectTree;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.machine.hotplug.Plugs;
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
import dev.cprkit.vmm.monitor.hmp.command.ObjectHmp;
import dev.cprkit.vmm.monitor.hmp.command.QomHmp;
import dev.cprkit.vmm.monitor.qmp.ActionCommands;
import dev.cprkit.vmm.monitor.qmp.ChardevCommands;
import dev.cprkit.vmm.monitor.qmp.DescriptorCommands;
import dev.cprkit.vmm.monitor.qmp.DeviceCommands;
import dev.cprkit.vmm.monitor.qmp.FdSetCommands;
import dev.cprkit.vmm.monitor.qmp.HumanCommands;
import dev.cprkit.vmm.monitor.qmp.InventoryCommands;
import dev.cprkit.vmm.monitor.qmp.MachineCommands;
import dev.cprkit.vmm.monitor.qmp.ObjectCommands;
import dev.cprkit.vmm.monitor.qmp.OptionCommands;
import dev.cprkit.vmm.monitor.qmp.QmpRegistry;
import dev.cprkit.vmm.monitor.qmp.QmpServer;
import dev.cprkit.vmm.monitor.qmp.QomCommands;
import dev.cprkit.vmm.monitor.qmp.RingbufCommands;
import dev.cprkit.vmm.monitor.qmp.RunCommands;
import dev.cprkit.vmm.monitor.qmp.SessionCommands;
import dev.cprkit.vmm.monitor.qmp.YankCommands;
import dev.cprkit.vmm.objects.ObjectException;
import dev.cprkit.vmm.objects.UserObjects;
import dev.cprkit.vmm.os.FdSets;
import dev.cprkit.vmm.qom.QomTree;
import dev.cprkit.vmm.run.Yank;
import java.util.function.Consumer;

/** Every command that a monitor knows, and the monitors that users ask for. */
final class Monitors {
    private final Parts parts;
    private final HmpShell shell;

    /** What the commands are about. */
    record Parts(
            QmpRegistry commands,
            QmpServer qmp,
            Version version,
            VirtualMachine machine,
            MachineConfig config,
            MachineFacts facts,
            GuestInspection guest,
            Migration migration,
            Chardevs chardevs,
            DescriptorCommands descriptors,
            FdSets fdSets,
            UserObjects objects,
            QomTree tree,
            Yank yank,
            Consumer<String> complaints) {}

    /** Registers the commands. */
    Monitors(Parts parts) {
        this.parts = parts;
        HmpRegistry hmpCommands = new HmpRegistry();
        this.shell = new HmpShell(hmpCommands);
        VirtualMachine machine = parts.machine();
        MachineFacts facts = parts.facts();
        Migration migration = parts.migration();
        hmpCommands.later(registry -> {
            new RunHmp(machine).register(registry);
            new ActionHmp(machine).register(registry);
            new MachineHmp(facts, parts.chardevs(), parts.version()).register(registry);
            MigrationHmp.register(registry, migration, machine.loop().hostClock());
            GuestHmp.register(registry, parts.guest());
            MemoryMapHmp.register(registry, machine, parts.guest(), parts.tree());
            DebugHmp.register(registry, parts.guest());
            ChardevHmp.register(registry, parts.chardevs(), new ChardevText());
            ObjectHmp.register(
                    registry,
                    parts.commands(),
                    parts.descriptors(),
                    parts.objects(),
                    new ObjectText(parts.config().machine()));
            QomHmp.register(registry, parts.commands(), parts.tree(), parts.guest());
            AbsentDevices.register(registry);
        });
        QmpRegistry qmp = parts.commands();
        new SessionCommands(qmp, parts.version()).register();
        OptionCommands.register(qmp);
        new RunCommands(machine).register(qmp);
        new ActionCommands(machine).register(qmp);
        new MachineCommands(facts).register(qmp);
        InventoryCommands.register(qmp);
        new QomCommands(parts.tree()).register(qmp);
        new ObjectCommands(parts.objects(), parts.config().machine()).register(qmp);
        new DeviceCommands(new Plugs(ObjectTree.buses(parts.config()), parts.tree(), migration::isUnderWay))
                .register(qmp);
        new ChardevCommands(parts.chardevs(), parts.descriptors()).register(qmp);
        new RingbufCommands(parts.chardevs()).register(qmp);
        new FdSetCommands(parts.qmp(), parts.fdSets()).register(qmp);
        new YankCommands(parts.yank()).register(qmp);
        new HumanCommands(shell, facts.cpus().size()).register(qmp);
        MigrationQmp.register(qmp, migration);
        BlockerCommands.register(qmp, hmpCommands, migration.blockers());
        EarlierCommands.register(qmp, hmpCommands, migration, parts.complaints());
    }

    /** Opens one monitor on its chardev. */
    UserObjects.OpenMonitor open(MonitorConfig config) throws ChardevException {
        Chardevs chardevs = parts.chardevs();
        return switch (config.mode()) {
            case CONTROL -> {
                QmpServer.OpenMonitor monitor = parts.qmp().open(chardevs, config.chardev(), config.pretty());
                yield () -> {
                    if (monitor.isCurrent()) {
                        throw new ObjectException("Cannot delete the current QMP monitor");
                    }
                    monitor.close();
                };
            }
            case READLINE -> {
                Chardev chardev = chardevs.claim(config.chardev());
                HmpMonitor.open(shell, parts.version(), parts.machine().loop(), chardev);
                yield () -> chardevs.release(chardev);
            }
        };
    }
}
