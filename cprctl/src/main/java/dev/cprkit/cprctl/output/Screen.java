package dev.cprkit.cprctl.output;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.Json;
import java.io.PrintWriter;

/**
 * Where one command prints: results on standard output, what is wrong and how far it is on standard error. Any thread may
 * print. Closing it wipes the progress line.
 */
public final class Screen implements AutoCloseable {
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;
    private final boolean quiet;
    private final boolean outColours;
    private final boolean errColours;
    private final Progress progress;

    /** @param errTerminal whether progress can be shown */
    public Screen(
            PrintWriter out,
            PrintWriter err,
            boolean json,
            boolean quiet,
            boolean outColours,
            boolean errColours,
            boolean errTerminal) {
        this.out = out;
        this.err = err;
        this.json = json;
        this.quiet = quiet;
        this.outColours = outColours;
        this.errColours = errColours;
        this.progress = new Progress(err, errTerminal && !quiet && !json);
    }

    /** Whether results are JSON documents. */
    public boolean json() {
        return json;
    }

    /** Whether only results and errors are wanted. */
    public boolean quiet() {
        return quiet;
    }

    /** A line of the result. */
    public void line(String text) {
        progress.wipe();
        out.println(Printable.of(text));
        out.flush();
    }

    /** A document; one line. */
    public void document(JsonNode document) {
        line(document.toString());
    }

    /** A remark that --quiet does without. Programs that read JSON get it in the document. */
    public void note(String text) {
        if (!quiet && !json) {
            errLine(Style.FAINT.on(text, errColours));
        }
    }

    /** A remark that matters: in text, on standard error. */
    public void warning(String text) {
        if (!json) {
            errLine(Style.WARNING.on(text, errColours));
        }
    }

    /** Why it did not work: one sentence, or as a document. */
    public void error(ExitStatus status, String message) {
        if (json) {
            document(Json.error(status, message));
        } else {
            failure(message);
        }
    }

    /** Why it did not work, for people, whatever the form of the result. */
    public void failure(String message) {
        errLine(Style.BAD.on("cprctl:", errColours) + " " + message);
    }

    /** A line on standard error. */
    public void errLine(String text) {
        progress.wipe();
        err.println(Printable.of(text));
        err.flush();
    }

    /** Shows what is being waited for, with its seconds, once it takes more than one. */
    public void waitingFor(String what) {
        progress.show(what);
    }

    /** A text of the result in a style. */
    public String styled(Style style, String text) {
        return style.on(text, outColours);
    }

    @Override
    public void close() {
        progress.close();
        out.flush();
        err.flush();
    }
}
