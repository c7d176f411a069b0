package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.node.ObjectNode;
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

    /** One at a glance; empty if there is none of that name. */
    Optional<VmOverview> overview(VmName vm) throws IOException;

    /** The file that runs it now; empty if nobody can tell. */
    Optional<Path> program(VmName vm) throws IOException;

    /** What an update would meet, as a document. */
    ObjectNode check(VmName vm, Optional<Path> program, ModeChoice mode) throws OperationException, IOException;

    /** What an update would do, as a document. */
    ObjectNode plan(VmName vm, Optional<Path> program, ModeChoice mode) throws OperationException, IOException;
}
