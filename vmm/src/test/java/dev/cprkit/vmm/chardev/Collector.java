package dev.cprkit.vmm.chardev;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A frontend that says what happens to it. Whoever changes {@code room} holds the machine lock. */
class Collector implements Chardev.Frontend {
    final BlockingQueue<String> happened = new LinkedBlockingQueue<>();
    int room = 4096;
    int limit = 64 << 10;
    boolean bearsExchange = true;

    @Override
    public int canReceive() {
        return room;
    }

    @Override
    public void receive(byte[] bytes, int length) {
        happened.add(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }

    @Override
    public void opened() {
        happened.add("<opened>");
    }

    @Override
    public void closed() {
        happened.add("<closed>");
    }

    @Override
    public void overflowed() {
        happened.add("<overflowed>");
    }

    @Override
    public void drained() {
        happened.add("<drained>");
    }

    @Override
    public void focus(boolean here) {
        happened.add(here ? "<focus>" : "<no focus>");
    }

    @Override
    public void lineBroke() {
        happened.add("<break>");
    }

    @Override
    public boolean bearsExchange() {
        return bearsExchange;
    }

    @Override
    public int outputLimit() {
        return limit;
    }

    /** What happens next, within 10 s. */
    String next() throws InterruptedException {
        String what = happened.poll(10, TimeUnit.SECONDS);
        return what == null ? "<nothing>" : what;
    }

    /** What has happened up to now. */
    Queue<String> now() {
        Queue<String> all = new ArrayDeque<>();
        happened.drainTo(all);
        return all;
    }
}
