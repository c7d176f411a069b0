package dev.cprkit.vmm;

import dev.cprkit.vmm.device.IrqWires;
import dev.cprkit.vmm.monitor.qtest.QtestBoard;
import dev.cprkit.vmm.qom.QomException;
import dev.cprkit.vmm.qom.QomTree;
import java.util.Optional;

/** The devices of a qtest, found in the object tree. */
record TreeDevices(QomTree tree, IrqWires interruptController) implements QtestBoard.Devices {
    private static final String CONTROLLER = "riscv.sifive.plic";

    @Override
    public boolean exists(String path) {
        return type(path).isPresent();
    }

    @Override
    public Optional<IrqWires> wires(String path) {
        return type(path).filter(CONTROLLER::equals).map(type -> interruptController);
    }

    private Optional<String> type(String path) {
        try {
            return Optional.of(tree.find(path).type().name());
        } catch (QomException e) {
            return Optional.empty();
        }
    }
}
