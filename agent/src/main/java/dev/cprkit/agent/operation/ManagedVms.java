package dev.cprkit.agent.operation;

import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import dev.cprkit.agent.vm.VmRegistry;
import java.io.IOException;
import java.util.Optional;

/** The VMs of this host that are known by a name. Any thread may call; messages are sentences. */
public interface ManagedVms {
    /** Those of a registry. */
    static ManagedVms of(VmRegistry registry) {
        return new ManagedVms() {
            @Override
            public Optional<VmRecord> find(VmName vm) throws IOException {
                return registry.find(vm);
            }

            @Override
            public void add(VmRecord vm) throws IOException {
                registry.add(vm);
            }
        };
    }

    /** The VM of that name; empty if there is none. */
    Optional<VmRecord> find(VmName vm) throws IOException;

    /** Enters one that is not there. */
    void add(VmRecord vm) throws IOException;
}
