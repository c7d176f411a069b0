package dev.cprkit.vmm.machine.config;

import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.memory.MemoryBackendConfig;
import dev.cprkit.vmm.monitor.MonitorConfig;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A machine as the command line describes it: checked as far as that is possible without looking at the host, complete
 * (defaults filled in), and immutable. References between its parts (a serial line's chardev, the machine's memory
 * backend, a device's rng) are known to lead somewhere.
 *
 * @param machine the board and its properties
 * @param ramSize guest RAM in bytes, a multiple of 4096; equal to the size of the machine's memory backend if it has one
 * @param backends memory backends in the order of the command line, which is the order in which they are created
 * @param cpu the hart
 * @param name what the guest and the process are called
 * @param uuid the guest's UUID, if it has one
 * @param boot what the guest starts from
 * @param chardevs in the order of the command line, those that {@code -serial} and {@code -monitor} imply included
 * @param serials for each serial line the id of its chardev, or empty for a line that leads nowhere
 * @param monitors in the order of the command line
 * @param rngs sources of entropy
 * @param devices devices to plug into the board
 * @param watchdog the board's watchdog, if it was asked for
 * @param incoming where a guest comes in from; empty if the machine starts by itself
 * @param globals properties of {@code migration}, set ahead of time, in the order of the command line
 * @param addedFds inherited files for fd sets
 * @param qtest what a test of the board asks for
 * @param process how the process behaves
 */
public record MachineConfig(
        BoardConfig machine,
        long ramSize,
        List<MemoryBackendConfig> backends,
        CpuConfig cpu,
        NameConfig name,
        Optional<UUID> uuid,
        BootConfig boot,
        List<ChardevConfig> chardevs,
        List<Optional<String>> serials,
        List<MonitorConfig> monitors,
        List<RngConfig> rngs,
        List<VirtioRngConfig> devices,
        Optional<WatchdogConfig> watchdog,
        List<IncomingConfig> incoming,
        List<GlobalProperty> globals,
        List<AddedFd> addedFds,
        QtestConfig qtest,
        ProcessConfig process) {
    public MachineConfig {
        backends = List.copyOf(backends);
        chardevs = List.copyOf(chardevs);
        serials = List.copyOf(serials);
        monitors = List.copyOf(monitors);
        rngs = List.copyOf(rngs);
        devices = List.copyOf(devices);
        incoming = List.copyOf(incoming);
        globals = List.copyOf(globals);
        addedFds = List.copyOf(addedFds);
    }

    /** The same machine on other memory. */
    public MachineConfig withBackends(List<MemoryBackendConfig> others) {
        return new MachineConfig(
                machine, ramSize, others, cpu, name, uuid, boot, chardevs, serials, monitors, rngs, devices, watchdog,
                incoming, globals, addedFds, qtest, process);
    }
}
