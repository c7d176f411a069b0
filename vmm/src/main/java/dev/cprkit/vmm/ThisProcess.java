package dev.cprkit.vmm;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.migration.HostingProcess;
import dev.cprkit.vmm.monitor.qmp.DescriptorCommands;
import dev.cprkit.vmm.os.FdSets;
import dev.cprkit.vmm.run.Yank;
import java.util.OptionalInt;

/** What of this process migration has to do with: clients' descriptors and terminals. Main loop's thread. */
final class ThisProcess implements HostingProcess {
    private static final long FLUSH_LIMIT = 200_000_000L;

    private final Chardevs chardevs;
    private final DescriptorCommands descriptors;
    private final FdSets fdSets;
    private final Yank yank;

    ThisProcess(Chardevs chardevs, DescriptorCommands descriptors, FdSets fdSets, Yank yank) {
        this.chardevs = chardevs;
        this.descriptors = descriptors;
        this.fdSets = fdSets;
        this.yank = yank;
    }

    @Override
    public int openFile(String path, int flags, int mode) throws ErrnoException {
        return fdSets.open(path, flags, mode);
    }

    @Override
    public Yank yank() {
        return yank;
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
