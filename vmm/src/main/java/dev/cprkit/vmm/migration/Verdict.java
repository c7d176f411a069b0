package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.EventLoop;
import java.util.OptionalInt;

/**
 * Waits until the new process has taken the guest or given it up: by its word on the return path, or, where the channel
 * leads one way, by the ownership record. Main loop's thread.
 */
final class Verdict {
    /** What is told, once. */
    interface Listener {
        /** The new process has the guest. */
        void taken();

        /** It has not; the text is for the user. */
        void refused(String reason);
    }

    private static final long LOOK_AGAIN_NANOS = 1_000_000;

    private final Handover handover;
    private final Listener listener;
    private final Clock clock;
    private VerdictReader reader;
    private boolean closed;

    Verdict(EventLoop loop, OptionalInt returnPath, Handover handover, Listener listener) {
        this.handover = handover;
        this.listener = listener;
        this.clock = loop.hostClock();
        if (returnPath.isPresent()) {
            reader = new VerdictReader(loop, returnPath.getAsInt(), new Words());
        } else {
            look();
        }
    }

    /** Waits no more. */
    void close() {
        closed = true;
        if (reader != null) {
            reader.close();
        }
    }

    private void look() {
        if (closed) {
            return;
        }
        if (handover.isTaken()) {
            listener.taken();
        } else {
            clock.timer(this::look).arm(clock.now() + LOOK_AGAIN_NANOS);
        }
    }

    private final class Words implements VerdictReader.Listener {
        @Override
        public void shut(int error) {
            if (error == 0) {
                listener.taken();
            } else {
                listener.refused("Sibling indicated error " + error);
            }
        }

        @Override
        public void closed() {
            listener.refused("the new process closed the main channel without taking the guest; it says why");
        }

        @Override
        public void broken(String reason) {
            listener.refused(reason);
        }
    }
}
