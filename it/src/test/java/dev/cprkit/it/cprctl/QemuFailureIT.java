package dev.cprkit.it.cprctl;

/** With QEMU 10.0, and an x86-64 guest with a disk and a network card. */
class QemuFailureIT extends FailureCases {
    QemuFailureIT() {
        super(Peer.QEMU_X86);
    }
}
