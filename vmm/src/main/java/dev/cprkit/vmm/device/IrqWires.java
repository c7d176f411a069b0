package dev.cprkit.vmm.device;

/**
 * An interrupt controller's wires as a test of the board sees and drives them. The machine keeps working as it does
 * without. Called with the machine lock held.
 */
public interface IrqWires {
    /** Is told of each wire that changes, by the number that QEMU's controller of the kind has for it. */
    @FunctionalInterface
    interface Watch {
        void changed(int number, boolean high);
    }

    /** How many inputs there are; their numbers begin with 0, which may lead nowhere. */
    int inputs();

    /** Drives an input, 0 to {@link #inputs} - 1, as the device that is wired to it would. */
    void drive(int number, boolean high);

    /** Adds a watch of the inputs, which wires that are high already are not told to. */
    void watchInputs(Watch watch);

    /** Adds a watch of the outputs. */
    void watchOutputs(Watch watch);
}
