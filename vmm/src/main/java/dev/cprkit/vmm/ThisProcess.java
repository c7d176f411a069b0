package dev.cprkit.vmm;

import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.migration.HostingProcess;
import dev.cprkit.vmm.monitor.qmp.DescriptorCommands;
import java.util.OptionalInt;

/** What of this process migration has to do with: clients' descriptors and terminals. Main loop's thread. */
final class ThisProcess implements HostingProcess {
    private static final long FLUSH_LIMIT = 200_000_000L;

    private final Chardevs chardevs;
    private final DescriptorCommands descriptors;

    ThisProcess(Chardevs chardevs, DescriptorCommands descriptors) {
        this.chardevs = chardevs;
        this.descriptors = descriptors;
    }

    @Override
    public OptionalInt takeDescriptor(String name) {
        return descriptors.take(name);
    }

    @Override
    public void beforeExec() {
        chardevs.beforeExec(FLUSH_LIMIT);
    }

    @Override
    public void afterExec() {
        chardevs.afterExec();
    }
}
