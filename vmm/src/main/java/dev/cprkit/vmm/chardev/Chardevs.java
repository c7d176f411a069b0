package dev.cprkit.vmm.chardev;

import dev.cprkit.vmm.os.FdSets;
import dev.cprkit.vmm.qom.QomNode;
import dev.cprkit.vmm.run.EventLoop;
import dev.cprkit.vmm.run.IoThread;
import dev.cprkit.vmm.run.Yank;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All chardevs of the process by their ids. It opens and owns them; devices and monitors {@link #claim} one. Main
 * loop's thread with the machine lock held.
 */
public final class Chardevs implements AutoCloseable {
    private final EventLoop loop;
    private final Runnable terminate;
    private final FdSets files;
    private final Yank yank;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** Who uses a chardev, and what it is. */
    private static final class Entry {
        final Optional<MuxChardev> mux;
        ChardevConfig config;
        BaseChardev base;
        /** What its user holds; the base itself as long as there is none. */
        Chardev chardev;

        boolean claimed;
        Optional<QomNode> node = Optional.empty();

        Entry(ChardevConfig config, BaseChardev base, Optional<MuxChardev> mux) {
            this.config = config;
            this.base = base;
            this.chardev = base;
            this.mux = mux;
        }
    }

    /**
     * What query-chardev tells of one.
     *
     * @param label its id; {@code ID-base} for the one below a shared one
     * @param filename where it leads
     * @param frontendOpen whether something is attached
     */
    public record Info(String label, String filename, boolean frontendOpen) {}

    /** @param terminate ends the process; what Ctrl-A X on a shared chardev does */
    public Chardevs(EventLoop loop, Runnable terminate) {
        this(loop, terminate, new FdSets(), new Yank());
    }

    /** As above; {@code files} opens the files of file chardevs, and connections can be torn off by {@code yank}. */
    public Chardevs(EventLoop loop, Runnable terminate, FdSets files, Yank yank) {
        this.files = files;
        this.yank = yank;
        this.loop = loop;
        this.terminate = terminate;
    }

    /**
     * Opens a chardev. A socket server that waits for its client returns when that has come.
     *
     * @throws ChardevException if the id is taken or the chardev cannot be opened
     */
    public void open(ChardevConfig config) throws ChardevException {
        String id = config.id();
        if (entries.containsKey(id)) {
            throw new ChardevException("attempt to add duplicate property '" + id + "' to object (type 'container')");
        }
        BaseChardev chardev = create(config);
        Optional<MuxChardev> mux = config.options().mux()
                ? Optional.of(new MuxChardev(id, chardev, terminate, loop.hostClock()))
                : Optional.empty();
        entries.put(id, new Entry(config, chardev, mux));
    }

    /**
     * The chardev of that id, for one device or monitor to attach to; a shared one may be claimed by several.
     *
     * @throws ChardevException if there is none, or another has it
     */
    public Chardev claim(String id) throws ChardevException {
        Entry entry = entries.get(id);
        if (entry == null) {
            throw new ChardevException("chardev \"" + id + "\" not found");
        }
        if (entry.mux.isPresent()) {
            return entry.mux.get().channel();
        }
        if (entry.claimed) {
            throw new ChardevException(
                    "chardev \"" + id + "\" is in use; give each user a chardev of its own, or share it with mux=on");
        }
        entry.claimed = true;
        entry.chardev = new ExchangeableChardev(entry.base);
        return entry.chardev;
    }

    /**
     * As {@link #claim}, for a frontend that is called on another thread, as {@link ThreadedChardev} says. A shared
     * chardev's frontends are all called on the main loop's thread, so of one of these the channel is returned.
     */
    public Chardev claim(String id, IoThread thread) throws ChardevException {
        Chardev claimed = claim(id);
        Entry entry = entries.get(id);
        if (entry.mux.isPresent()) {
            return claimed;
        }
        entry.chardev = new ThreadedChardev(entry.base, thread);
        return entry.chardev;
    }

    /** Takes a chardev back from the one that claimed it, for another to claim. */
    public void release(Chardev chardev) {
        chardev.detach();
        Entry entry = entries.get(chardev.label());
        if (entry != null && entry.mux.isEmpty()) {
            entry.claimed = false;
            if (entry.chardev instanceof ThreadedChardev threaded) {
                threaded.returnTo(loop);
            }
            entry.chardev = entry.base;
        }
    }

    /** A chardev that leads nowhere and is not listed, for a device that the command line connects to nothing. */
    public Chardev unconnected(String label) throws ChardevException {
        return new NullChardev(new ChardevConfig.Null(label, new ChardevOptions(false, Optional.empty())));
    }

    /**
     * Closes a chardev that nobody uses and forgets it.
     *
     * @throws ChardevException if there is none of that id, or somebody uses it
     */
    public void remove(String id) throws ChardevException {
        Entry entry = entries.get(id);
        if (entry == null) {
            throw new ChardevException("Chardev '" + id + "' not found");
        }
        if (entry.claimed || entry.mux.isPresent() && entry.mux.get().used()) {
            throw new ChardevException("Chardev '" + id + "' is busy");
        }
        entry.chardev.close();
        entries.remove(id);
    }

    /**
     * Puts another chardev in the place of the one of the same id, without its user noticing more than a new peer.
     *
     * @throws ChardevException if there is none, its user does not bear it, or the new one cannot be opened; the old one
     *     then stays
     */
    public void exchange(ChardevConfig config) throws ChardevException {
        Entry entry = entries.get(config.id());
        if (entry == null) {
            throw new ChardevException("Chardev '" + config.id() + "' does not exist");
        }
        if (entry.mux.isPresent() || config.options().mux()) {
            throw new ChardevException("For mux or hub device hotswap is not supported yet");
        }
        if (entry.claimed && !(entry.chardev instanceof ExchangeableChardev held && held.bearsExchange())) {
            throw new ChardevException("Chardev user does not support chardev hotswap");
        }
        BaseChardev next = create(config);
        if (entry.chardev instanceof ExchangeableChardev held) {
            held.exchange(next);
        } else {
            entry.base.close();
            entry.chardev = next;
        }
        entry.base = next;
        entry.config = config;
        entry.node = Optional.empty();
    }

    /**
     * Tells the user of a chardev of a break.
     *
     * @throws ChardevException if there is none of that id
     */
    public void sendBreak(String id) throws ChardevException {
        Entry entry = entries.get(id);
        if (entry == null) {
            throw new ChardevException("Chardev '" + id + "' not found");
        }
        entry.base.sendBreak();
    }

    /**
     * The ring buffer of that id.
     *
     * @throws ChardevException if there is no chardev of that id, or it is another kind
     */
    public RingbufChardev ringbuf(String id) throws ChardevException {
        Entry entry = entries.get(id);
        if (entry == null) {
            throw new ChardevException("Device '" + id + "' not found");
        }
        if (entry.base instanceof RingbufChardev ring) {
            return ring;
        }
        throw new ChardevException(id + " is not a ringbuf device");
    }

    /** The path of the pseudo-terminal of that id, if the chardev is one. */
    public Optional<String> terminalPath(String id) {
        Entry entry = entries.get(id);
        return entry != null && entry.base instanceof PtyChardev pty ? Optional.of(pty.path()) : Optional.empty();
    }

    /** Every chardev, in the order in which they were opened. */
    public List<Info> all() {
        List<Info> list = new ArrayList<>();
        for (Map.Entry<String, Entry> named : entries.entrySet()) {
            Chardev chardev = named.getValue().chardev;
            if (named.getValue().mux.isPresent()) {
                MuxChardev mux = named.getValue().mux.get();
                list.add(new Info(named.getKey() + "-base", chardev.filename(), true));
                list.add(new Info(named.getKey(), "mux", mux.frontendOpen()));
            } else {
                list.add(new Info(named.getKey(), chardev.filename(), chardev.frontendOpen()));
            }
        }
        return list;
    }

    /** Whether there is one of that id. */
    public boolean exists(String id) {
        return entries.containsKey(id);
    }

    /** How the chardevs show in the tree of objects, by id. */
    public Map<String, QomNode> nodes() {
        Map<String, QomNode> nodes = new LinkedHashMap<>();
        for (Map.Entry<String, Entry> named : entries.entrySet()) {
            Entry entry = named.getValue();
            if (entry.node.isEmpty()) {
                entry.node = Optional.of(
                        ChardevNode.of(entry.config, () -> entry.chardev.filename(), entry.mux.isPresent()));
            }
            nodes.put(named.getKey(), entry.node.get());
        }
        return nodes;
    }

    /** Closes all: what waits is written as far as it goes without waiting, terminals are restored, paths removed. */
    @Override
    public void close() {
        for (Entry entry : entries.values()) {
            entry.chardev.close();
        }
        entries.clear();
    }

    /**
     * Another program follows in this process: writes what clients are still owed and puts terminals back.
     *
     * @param limit the longest that a client which does not read may hold this up, in ns
     */
    public void beforeExec(long limit) {
        long deadline = System.nanoTime() + limit;
        for (Entry entry : entries.values()) {
            entry.chardev.flush(deadline);
            entry.chardev.lendTerminal(true);
        }
    }

    /** No program follows after all: takes the terminals again. */
    public void afterExec() {
        for (Entry entry : entries.values()) {
            entry.chardev.lendTerminal(false);
        }
    }

    private BaseChardev create(ChardevConfig config) throws ChardevException {
        return switch (config) {
            case ChardevConfig.Stdio stdio -> {
                for (Entry entry : entries.values()) {
                    if (entry.config instanceof ChardevConfig.Stdio) {
                        throw new ChardevException("cannot use stdio by multiple character devices");
                    }
                }
                yield new StdioChardev(stdio, loop);
            }
            case ChardevConfig.Pty pty -> new PtyChardev(pty, loop);
            case ChardevConfig.Pipe pipe -> new PipeChardev(pipe, loop);
            case ChardevConfig.Ringbuf ringbuf -> new RingbufChardev(ringbuf);
            case ChardevConfig.File file -> new FileChardev(file, loop, files);
            case ChardevConfig.Socket socket -> new SocketChardev(socket, loop, yank);
            case ChardevConfig.Null nothing -> new NullChardev(nothing);
        };
    }
}
