package dev.cprkit.agent.daemon;

import java.io.PrintStream;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * One line for each event, to standard error. Where that leads to the journal of systemd, a line begins with its priority
 * (sd-daemon(3)) and has no time, for the journal has one.
 */
public final class AgentLog extends Handler {
    /** Loggers are forgotten, with their level, when nobody holds them. */
    private static final Set<Logger> KEPT = ConcurrentHashMap.newKeySet();

    private final PrintStream out;
    private final boolean journal;
    private final Formatter words = new Formatter() {
        @Override
        public String format(LogRecord event) {
            return formatMessage(event);
        }
    };

    private AgentLog(PrintStream out, boolean journal) {
        this.out = out;
        this.journal = journal;
    }

    /** Takes the place of whatever logs so far. */
    public static void install(Level level, Map<String, String> environment, PrintStream out) {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        AgentLog log = new AgentLog(out, environment.containsKey("JOURNAL_STREAM"));
        log.setLevel(level);
        root.addHandler(log);
        // Libraries, and Java itself, tell much that only they understand; what matters of it we tell ourselves.
        root.setLevel(Level.WARNING);
        Logger ours = Logger.getLogger("dev.cprkit");
        ours.setLevel(level);
        KEPT.add(ours);
    }

    @Override
    public void publish(LogRecord event) {
        if (!isLoggable(event)) {
            return;
        }
        StringBuilder line = new StringBuilder();
        if (journal) {
            line.append('<').append(priority(event.getLevel())).append('>');
        } else {
            line.append(Instant.ofEpochMilli(event.getMillis()))
                    .append(' ')
                    .append(word(event.getLevel()))
                    .append(' ');
        }
        line.append(words.format(event));
        if (event.getThrown() != null) {
            line.append(": ").append(event.getThrown());
            StackTraceElement[] trace = event.getThrown().getStackTrace();
            for (int i = 0; i < Math.min(trace.length, 8); i++) {
                line.append(i == 0 ? " at " : " < ").append(trace[i]);
            }
        }
        out.println(printable(line));
    }

    /** What others have named must not end a line, nor write to the terminal of whoever reads it. */
    private static String printable(StringBuilder line) {
        for (int i = 0; i < line.length(); i++) {
            if (Character.isISOControl(line.charAt(i))) {
                line.setCharAt(i, ' ');
            }
        }
        return line.toString();
    }

    /** As syslog(3) counts. */
    private static int priority(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return 3;
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return 4;
        }
        return level.intValue() >= Level.INFO.intValue() ? 6 : 7;
    }

    private static String word(Level level) {
        return switch (priority(level)) {
            case 3 -> "error";
            case 4 -> "warning";
            case 6 -> "info";
            default -> "debug";
        };
    }

    @Override
    public void flush() {
        out.flush();
    }

    @Override
    public void close() {
        out.flush();
    }
}
