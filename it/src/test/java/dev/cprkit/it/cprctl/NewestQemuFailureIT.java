package dev.cprkit.it.cprctl;

/** With the newest QEMU, which knows cpr-exec, and a riscv64 guest with a disk and a network card. */
class NewestQemuFailureIT extends FailureCases {
    NewestQemuFailureIT() {
        super(Peer.NEWEST_RISCV64);
    }
}
