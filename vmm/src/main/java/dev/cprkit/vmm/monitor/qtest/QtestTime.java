package dev.cprkit.vmm.monitor.qtest;

import dev.cprkit.vmm.run.VmClock;

/** The commands that move the machine's clock, which exist only where nothing else moves it. */
final class QtestTime {
    private final VmClock clock;

    QtestTime(VmClock clock) {
        this.clock = clock;
    }

    boolean exists() {
        return clock.movesByHand();
    }

    /** By that many ns, or to the next timer. */
    String step(QtestWords words) {
        long before = clock.now();
        long to;
        if (words.has(0)) {
            to = before + words.number(0);
        } else {
            to = clock.nextDeadline();
            if (to == Long.MAX_VALUE) {
                return "FAIL cannot advance clock to the next deadline because there is no pending deadline";
            }
        }
        clock.advance(to);
        return clock.now() == before ? "FAIL could not advance time" : "OK " + clock.now();
    }

    /** To that time in ns, unless it has passed. */
    String set(QtestWords words) {
        long to = words.number(0);
        clock.advance(to);
        return (clock.now() == to ? "OK " : "FAIL ") + clock.now();
    }
}
