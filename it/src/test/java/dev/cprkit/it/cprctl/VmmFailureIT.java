package dev.cprkit.it.cprctl;

/** With {@code vmm}. */
class VmmFailureIT extends FailureCases {
    VmmFailureIT() {
        super(Peer.VMM);
    }
}
