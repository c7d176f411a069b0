package dev.cprkit.it.conformance;

/** Where {@code vmm} is meant to differ from QEMU, each with what QEMU does and what is better. */
enum Difference {
    TRANSFER_BY_URI("With a plain uri in mode cpr-transfer QEMU 11.1 fails an assertion and the running VM is gone; vmm"
            + " says what is missing, as QEMU 10.0 does."),
    NO_MAIN_CHANNEL(
            "Without a main entry in the list of channels QEMU follows a null pointer and the running VM is gone;"
                    + " vmm says what is missing."),
    STATE_WITHOUT_DESCRIPTOR("When a descriptor is missing in the CPR state QEMU 11.1 prints that and starts with fresh"
            + " memory; vmm ends."),
    WRONG_SERVICE_BYTE("When a descriptor's byte is wrong QEMU 11.1 prints that and QEMU 10.0 prints nothing, and both"
            + " start with fresh memory; vmm ends."),
    PRIVATE_MEMORY_AND_EXEC("QEMU lets a VM with private memory through cpr-exec, and its guest wakes up with zeros for"
            + " memory; vmm refuses, as for cpr-transfer."),
    ARMED_TIMER(
            "QEMU 10.0 does not send the machine timer that is armed, and a guest that sleeps until then sleeps on; vmm"
                    + " sends it, as QEMU 11.1 does."),
    OLD_PROCESS_CONTINUES(
            "QEMU lets the old process run the guest again on memory that the new one uses; vmm refuses."),
    NO_BUS_FOR_A_PLUG(
            "QEMU's board has a PCIe host into whose ports devices are plugged while it runs; vmm's board has none,"
                    + " and no other bus takes a plug, in QEMU as in vmm: there device_add is refused with the same"
                    + " text."),
    MISSING_DEVICE(
            "QEMU's new process notices only after the switch that it lacks a device, and ends, while the old one"
                    + " reports success; vmm's notices it before the switch, and the guest runs on where it was."),
    NO_BLOCK_THAT_GROWS(
            "QEMU's ACPI tables are blocks that may change their size; vmm's board is described by a device tree"
                    + " alone, and all its blocks have the size that the command line says."),
    NO_UNMIGRATABLE_DEVICE(
            "QEMU has models that cannot migrate, which -only-migratable refuses; every model of vmm has its"
                    + " state in the stream, and there is nothing to refuse.");

    private final String sentence;

    Difference(String sentence) {
        this.sentence = sentence;
    }

    /** Whether the subject is the one that does it better; what follows is then asserted of {@code vmm} alone. */
    boolean isMeant(Subject subject) {
        return subject.isVmm();
    }

    @Override
    public String toString() {
        return sentence;
    }
}
