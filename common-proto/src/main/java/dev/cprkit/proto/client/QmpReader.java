package dev.cprkit.proto.client;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * Cuts what a peer sends into JSON objects until it hangs up or sends something else. Runs on the client's reader
 * thread. Messages need no line breaks, so a peer with {@code pretty=on} is understood as well.
 */
final class QmpReader {
    /** Bytes. A QEMU schema, the longest reply there is, has about 0.3 million. */
    private static final int MAX_MESSAGE = 16 << 20;

    private static final JsonMapper JSON = new JsonMapper();

    private final Path path;
    private final Limited input;
    private final Sink sink;

    /** Takes a message, or rejects the peer. */
    interface Sink {
        void accept(JsonNode message) throws QmpException;
    }

    QmpReader(Path path, InputStream input, Sink sink) {
        this.path = path;
        this.input = new Limited(input);
        this.sink = sink;
    }

    /** Reads until the conversation is over, and says why. */
    QmpException readAll() {
        try (JsonParser parser = JSON.createParser(input)) {
            for (; ; ) {
                input.startMessage();
                JsonNode message = parser.readValueAsTree();
                if (message == null) {
                    return new QmpException.Disconnected(path, "the peer hung up");
                }
                if (!message.isObject()) {
                    return new QmpException.NotQmp(path, "a message is not a JSON object");
                }
                sink.accept(message);
            }
        } catch (JsonProcessingException e) {
            // At the end of the stream half a message means a peer that died while it wrote.
            return input.atEnd
                    ? new QmpException.Disconnected(path, "the peer hung up in the middle of a message")
                    : new QmpException.NotQmp(path, "what it sends is not JSON (" + e.getOriginalMessage() + ")");
        } catch (IOException e) {
            return input.tooLong
                    ? new QmpException.NotQmp(path, "a message is longer than " + MAX_MESSAGE + " bytes")
                    : new QmpException.Disconnected(path, String.valueOf(e.getMessage()));
        } catch (QmpException e) {
            return e;
        } catch (RuntimeException e) {
            return new QmpException.Disconnected(path, "a listener failed: " + e);
        }
    }

    /** Bounds what one message may take, and remembers whether the stream's end was seen. */
    private static final class Limited extends FilterInputStream {
        private long left = MAX_MESSAGE; // creating the parser reads already
        private boolean tooLong;
        private boolean atEnd;

        Limited(InputStream in) {
            super(in);
        }

        void startMessage() {
            left = MAX_MESSAGE;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (left <= 0) {
                tooLong = true;
                throw new IOException("message too long");
            }
            int n = super.read(buffer, offset, length);
            atEnd = n < 0;
            left -= Math.max(0, n);
            return n;
        }
    }
}
