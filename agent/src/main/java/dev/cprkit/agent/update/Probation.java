package dev.cprkit.agent.update;

/** Ends an update's probation before its time. Any thread may ask; the first wish counts. */
public final class Probation {
    /** What somebody asked for. */
    enum Wish {
        NONE,
        COMMIT,
        ROLL_BACK
    }

    private Wish wish = Wish.NONE;
    private Runnable wake = () -> {};

    /** The update stays. */
    public void commit() {
        ask(Wish.COMMIT);
    }

    /** The guest goes back to the previous program. Without effect on an update that has no probation. */
    public void rollBack() {
        ask(Wish.ROLL_BACK);
    }

    private void ask(Wish asked) {
        Runnable call;
        synchronized (this) {
            if (wish == Wish.NONE) {
                wish = asked;
            }
            call = wake;
        }
        call.run();
    }

    synchronized Wish wish() {
        return wish;
    }

    synchronized void onWish(Runnable call) {
        wake = call;
    }
}
