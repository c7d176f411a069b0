package dev.cprkit.proto.qapi;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;

/**
 * The old way to write a {@link MigrationAddress}: {@code tcp:HOST:PORT}, {@code unix:PATH}, {@code vsock:CID:PORT},
 * {@code fd:NAME}, {@code exec:COMMAND}, {@code rdma:HOST:PORT}, {@code file:PATH[,offset=N]} (reference/qemu-cpr.md,
 * section 1.4). Stateless.
 */
public final class MigrationUri {
    private static final String OFFSET = ",offset=";
    private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(64);

    private MigrationUri() {}

    /** The address that the text stands for. */
    public static MigrationAddress parse(String uri) throws AddressException {
        if (uri.startsWith("exec:")) {
            return new MigrationAddress.Exec(List.of("/bin/sh", "-c", uri.substring(5)));
        }
        if (uri.startsWith("rdma:")) {
            SocketAddress.Inet inet = InetText.parse(uri.substring(5));
            return new MigrationAddress.Rdma(inet.host(), inet.port());
        }
        if (uri.startsWith("tcp:")) {
            return new MigrationAddress.Socket(InetText.parse(uri.substring(4)));
        }
        if (uri.startsWith("unix:")) {
            String path = uri.substring(5);
            if (path.isEmpty()) {
                throw new AddressException("invalid Unix socket address");
            }
            return new MigrationAddress.Socket(new SocketAddress.Unix(path));
        }
        if (uri.startsWith("vsock:")) {
            return new MigrationAddress.Socket(vsock(uri.substring(6)));
        }
        if (uri.startsWith("fd:")) {
            String name = uri.substring(3);
            if (name.isEmpty()) {
                throw new AddressException("invalid file descriptor address");
            }
            return new MigrationAddress.Socket(new SocketAddress.Fd(name));
        }
        if (uri.startsWith("file:")) {
            return file(uri.substring(5));
        }
        throw new AddressException("unknown migration protocol: " + uri);
    }

    private static SocketAddress.Vsock vsock(String text) throws AddressException {
        int colon = text.indexOf(':');
        if (colon < 1 || colon == text.length() - 1) {
            throw new AddressException("error parsing address '" + text + "'");
        }
        return new SocketAddress.Vsock(text.substring(0, colon), text.substring(colon + 1));
    }

    private static MigrationAddress.File file(String text) throws AddressException {
        int at = text.indexOf(OFFSET);
        if (at < 0) {
            return new MigrationAddress.File(text, 0);
        }
        String number = text.substring(at + OFFSET.length());
        return new MigrationAddress.File(text.substring(0, at), offset(number));
    }

    /** Decimal, 0x-hexadecimal, or a decimal (perhaps with a fraction) and a size suffix of B, K, M, G, T, P or E. */
    private static long offset(String text) throws AddressException {
        String lower = text.toLowerCase(Locale.ROOT);
        try {
            BigInteger value;
            if (lower.startsWith("0x")) {
                value = new BigInteger(lower.substring(2), 16);
            } else {
                int power = lower.isEmpty() ? -1 : "bkmgtpe".indexOf(lower.charAt(lower.length() - 1));
                String digits = power < 0 ? lower : lower.substring(0, lower.length() - 1);
                if (digits.isEmpty() || digits.indexOf('e') >= 0 || digits.charAt(0) == '+') {
                    throw new NumberFormatException(text);
                }
                BigDecimal scaled = new BigDecimal(digits)
                        .multiply(new BigDecimal(BigInteger.ONE.shiftLeft(10 * Math.max(0, power))));
                value = scaled.toBigInteger();
            }
            if (value.signum() < 0 || value.compareTo(LIMIT) >= 0) {
                throw new AddressException("file URI has bad offset " + text + ": Numerical result out of range");
            }
            return value.longValue();
        } catch (NumberFormatException e) {
            throw new AddressException("file URI has bad offset " + text + ": Invalid argument");
        }
    }
}
