package dev.cprkit.vmm.migration.channel;

import dev.cprkit.vmm.run.EventLoop;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The thread that does for a channel what may block: one job after the other, each reported on the main loop. It is
 * started with the first job and ends with {@link #end}. Main loop's thread.
 */
final class ChannelWorker {
    private final EventLoop loop;
    private final Deque<Runnable> jobs = new ArrayDeque<>();
    private int running;
    private boolean started;
    private boolean ending;
    private volatile boolean closed;

    ChannelWorker(EventLoop loop) {
        this.loop = loop;
    }

    /** Does the job; nobody is told of one that the channel's end overtakes. */
    void run(OutgoingChannel.Job job, OutgoingChannel.Listener listener) {
        running++;
        add(() -> {
            String problem = attempt(job);
            loop.post(() -> {
                running--;
                if (closed) {
                    return;
                }
                if (problem.isEmpty()) {
                    listener.done();
                } else {
                    listener.failed(problem);
                }
            });
        });
    }

    /** Does this last, after whatever runs now has ended; jobs that did not begin are forgotten. Harmless when repeated. */
    void end(Runnable last) {
        closed = true;
        synchronized (jobs) {
            if (ending) {
                return;
            }
            ending = true;
            if (started) {
                jobs.clear();
                jobs.add(last);
                jobs.notifyAll();
                return;
            }
        }
        last.run();
    }

    /** Whether a job was begun and not reported yet. */
    boolean busy() {
        return running > 0;
    }

    /** Whether the channel has been closed: a job in a long wait looks here. Any thread. */
    boolean closed() {
        return closed;
    }

    private static String attempt(OutgoingChannel.Job job) {
        try {
            job.run();
            return "";
        } catch (IOException e) {
            return e.getMessage();
        } catch (RuntimeException | VirtualMachineError e) {
            return "a mistake inside vmm: " + e; // who waits for this job, and the guest with it, must hear of its end
        }
    }

    private void add(Runnable job) {
        synchronized (jobs) {
            if (ending) {
                return;
            }
            jobs.add(job);
            jobs.notifyAll();
            if (!started) {
                started = true;
                Thread.ofPlatform().daemon().name("mig/src/main").start(this::work);
            }
        }
    }

    private void work() {
        for (; ; ) {
            Runnable job;
            boolean last;
            synchronized (jobs) {
                while (jobs.isEmpty()) {
                    try {
                        jobs.wait();
                    } catch (InterruptedException e) {
                        return; // nobody interrupts this thread but a JVM that ends
                    }
                }
                job = jobs.removeFirst();
                last = ending;
            }
            job.run();
            if (last) {
                return;
            }
        }
    }
}
