package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;

/**
 * A VM for the time of one operation. Operations are about managed VMs; one that was named by its QMP socket is managed
 * until the operation has ended.
 *
 * @param passing whether it is only managed for this
 */
record Guest(Site site, VmName name, Path qmp, boolean passing) {
    static Guest of(Target target, Verb verb) throws OperationException {
        Target.Vm vm = target.resolve(verb);
        if (vm.name().isPresent()) {
            return new Guest(verb.site(), vm.name().get(), vm.qmp(), false);
        }
        Path base = Target.base(vm.qmp());
        VmName name = QmpName.of(base);
        try {
            verb.site()
                    .registry()
                    .add(new VmRecord(
                            name,
                            VmRecord.Origin.ADOPTED,
                            vm.qmp(),
                            List.of(),
                            verb.site().clock().instant()));
        } catch (FileAlreadyExistsException e) {
            // left from another operation of this VM, which goes on or was cut off
            return new Guest(verb.site(), name, vm.qmp(), true);
        } catch (IOException e) {
            throw new OperationException(ExitStatus.REFUSED, e.getMessage() + "; nothing was done");
        }
        return new Guest(verb.site(), name, vm.qmp(), true);
    }

    /** Ends the managing of one that was managed for this only. */
    void release() throws OperationException {
        if (passing) {
            try {
                site.registry().remove(name);
            } catch (IOException e) {
                throw new OperationException(ExitStatus.ATTENTION, e.getMessage());
            }
        }
    }
}
