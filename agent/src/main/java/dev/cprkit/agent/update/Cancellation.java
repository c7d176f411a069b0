package dev.cprkit.agent.update;

import java.util.concurrent.CountDownLatch;

/** Asks an update to back out while that is possible. Any thread may ask, as often as it likes. */
public final class Cancellation {
    private final CountDownLatch asked = new CountDownLatch(1);
    private volatile Runnable wake = () -> {};

    /** The update backs out at the next moment where nothing is lost by it, or goes through to its end. */
    public void request() {
        asked.countDown();
        wake.run();
    }

    /** Whether somebody asked. */
    public boolean isRequested() {
        return asked.getCount() == 0;
    }

    void onRequest(Runnable wake) {
        this.wake = wake;
    }
}
