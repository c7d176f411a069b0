package dev.cprkit.agent.api;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One request over HTTP/1.1 (RFC 9112) on a unix socket, and its answer, on a connection of their own. For an agent, not
 * for the web: no redirects, no compression, and an answer has at most {@value #LARGEST} bytes.
 *
 * <p>Threads: one; any may close it.
 */
final class HttpExchange implements AutoCloseable {
    static final int LARGEST = 64 << 20;

    private static final int MOST_HEADERS = 100;

    private final UnixStream stream;
    private final int status;
    private final Map<String, String> headers;
    private boolean chunked;
    /** Of this chunk, or of all where there are none; -1 if the end of the stream is the answer's. */
    private long left;

    private HttpExchange(UnixStream stream, int status, Map<String, String> headers) throws IOException {
        this.stream = stream;
        this.status = status;
        this.headers = headers;
        this.chunked = headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked");
        String length = headers.get("content-length");
        this.left = chunked ? 0 : length == null ? -1 : number(length, 10);
    }

    /**
     * Sends a request, and reads the answer's head.
     *
     * @param limit for each wait
     */
    static HttpExchange send(
            Path socket, Duration limit, String method, String target, Map<String, String> more, byte[] body)
            throws IOException {
        UnixStream stream = UnixStream.connect(socket, limit);
        try {
            StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
            head.append("Connection: close\r\nAccept: application/json, text/event-stream\r\n");
            more.forEach((name, value) ->
                    head.append(name).append(": ").append(value).append("\r\n"));
            if (body.length > 0 || method.equals("POST") || method.equals("PUT")) {
                head.append("Content-Type: application/json\r\nContent-Length: ")
                        .append(body.length)
                        .append("\r\n");
            }
            stream.write(UnixStream.ascii(head.append("\r\n").toString()));
            stream.write(body);
            return head(stream);
        } catch (IOException e) {
            stream.close();
            throw e;
        }
    }

    private static HttpExchange head(UnixStream stream) throws IOException {
        for (; ; ) {
            String[] start = stream.line().split(" ", 3);
            if (start.length < 2 || !start[0].startsWith("HTTP/1.")) {
                throw new IOException("the answer is not HTTP/1.1");
            }
            int status = (int) number(start[1], 10);
            Map<String, String> headers = new HashMap<>();
            for (String line = stream.line(); !line.isEmpty(); line = stream.line()) {
                int colon = line.indexOf(':');
                if (colon <= 0 || headers.size() == MOST_HEADERS) {
                    throw new IOException("the answer has a header that is none, or too many");
                }
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            if (status >= 200) { // before: 100 Continue, and the like
                return new HttpExchange(stream, status, headers);
            }
        }
    }

    int status() {
        return status;
    }

    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    /** The limit for each read from now on. */
    void limit(Duration limit) {
        stream.limit(limit);
    }

    /** The rest of the answer. */
    byte[] body() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int b = read(); b >= 0; b = read()) {
            body.write(b);
            int whole = (int) Math.min(left, LARGEST);
            if (whole > 0) {
                body.writeBytes(stream.read(whole));
                left -= whole;
            }
            if (body.size() > LARGEST) {
                throw new IOException("the answer has more than " + LARGEST + " bytes");
            }
        }
        return body.toByteArray();
    }

    /** The next line of the answer, in UTF-8. */
    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = read(); b != '\n'; b = read()) {
            if (b < 0) {
                throw new EOFException("the agent ended the stream");
            }
            if (line.size() == LARGEST) {
                throw new IOException("the answer has a line of more than " + LARGEST + " bytes");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** The next byte of the answer, or -1 at its end. */
    private int read() throws IOException {
        if (left < 0) {
            return stream.read();
        }
        if (left == 0) {
            if (!chunked || !nextChunk()) {
                return -1;
            }
        }
        left--;
        int b = stream.read();
        if (b < 0) {
            throw new EOFException("the answer ends in its middle");
        }
        return b;
    }

    private boolean nextChunk() throws IOException {
        String size = stream.line();
        if (size.isEmpty()) {
            size = stream.line(); // what ends the chunk before
        }
        int extension = size.indexOf(';');
        left = number(
                extension < 0 ? size.strip() : size.substring(0, extension).strip(), 16);
        if (left > 0) {
            return true;
        }
        while (!stream.line().isEmpty()) {
            // trailers
        }
        chunked = false;
        return false;
    }

    private static long number(String text, int radix) throws IOException {
        try {
            long number = Long.parseLong(text, radix);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IOException("the answer has \"" + Fields.shorten(text) + "\" where a number should be");
    }

    @Override
    public void close() {
        stream.close();
    }
}
