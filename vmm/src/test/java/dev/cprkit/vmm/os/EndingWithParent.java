package dev.cprkit.vmm.os;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A process of its own that asks to end with its parent, says its id, and waits for that. */
final class EndingWithParent {
    private EndingWithParent() {}

    public static void main(String[] args) throws Exception {
        if (!HostProcess.endWithParent()) {
            return;
        }
        System.out.println(HostProcess.pid());
        // Longer than the test waits; it ends this process in any case.
        new CountDownLatch(1).await(2, TimeUnit.MINUTES);
    }
}
