package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmOverview;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The managed VMs of this host, as the API shows them. Any thread may call; each call may ask VMs and wait for them. */
interface Vms {
    /** Their names, in order. */
    List<VmName> names() throws IOException;

    /** Sentences about VMs whose files cannot be read. */
    List<String> damaged() throws IOException;

    /**
     * All of them in the order of their names, within some seconds; of one that does not answer only that it is silent. With
     * the modes that each could be updated in now, as far as they are known in that time.
     */
    List<VmOverview> overviews() throws IOException;

    /** The same without modes, for which VMs are asked nothing that takes long. */
    List<VmOverview> glances() throws IOException;

    /** One of them, likewise; empty if there is none of that name. */
    Optional<VmOverview> overview(VmName vm) throws IOException;

    /** What runs it now; empty if nobody can tell. */
    Optional<Program> program(VmName vm) throws IOException;

    /** What an update would meet, as a document. */
    ObjectNode check(VmName vm, Optional<Path> program, ModeChoice mode) throws OperationException, IOException;

    /** What an update would do, as a document. */
    ObjectNode plan(VmName vm, Optional<Path> program, ModeChoice mode) throws OperationException, IOException;
}
