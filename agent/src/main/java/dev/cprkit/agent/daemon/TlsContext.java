package dev.cprkit.agent.daemon;

import dev.cprkit.agent.host.TrustedPath;
import dev.cprkit.agent.host.UntrustedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Makes a TLS context of the PEM files (RFC 7468) that the configuration names. */
final class TlsContext {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");
    private static final char[] IN_MEMORY = "memory".toCharArray();

    private TlsContext() {}

    static SSLContext of(AgentConfig.Tls tls) throws ConfigException {
        Collection<? extends Certificate> own = certificates(tls.certificate());
        PrivateKey key = key(tls.key());
        Collection<? extends Certificate> authorities = certificates(tls.clientAuthority());
        if (!belongsTo(key, own.iterator().next().getPublicKey())) {
            throw new ConfigException("the key " + tls.key() + " is not that of the certificate " + tls.certificate());
        }
        try {
            KeyStore keys = empty();
            keys.setKeyEntry("agent", key, IN_MEMORY, own.toArray(Certificate[]::new));
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keyManagers.init(keys, IN_MEMORY);
            KeyStore trusted = empty();
            int number = 0;
            for (Certificate authority : authorities) {
                trusted.setCertificateEntry("authority-" + number++, authority);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new ConfigException("the key " + tls.key() + " and the certificate " + tls.certificate()
                    + " do not go together: " + e.getMessage());
        }
    }

    /** Whether what one signs the other finds signed. */
    private static boolean belongsTo(PrivateKey key, PublicKey certified) {
        if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
            return false;
        }
        try {
            Signature signature =
                    Signature.getInstance(key.getAlgorithm().equals("EdDSA") ? "EdDSA" : "SHA256with" + signing(key));
            signature.initSign(key);
            signature.update(BEGIN.getBytes(StandardCharsets.US_ASCII));
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(BEGIN.getBytes(StandardCharsets.US_ASCII));
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static String signing(PrivateKey key) {
        return key.getAlgorithm().equals("EC") ? "ECDSA" : key.getAlgorithm();
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file) throws ConfigException {
        try {
            Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(read(file).getBytes(StandardCharsets.US_ASCII)));
            if (!found.isEmpty()) {
                return found;
            }
        } catch (GeneralSecurityException e) {
            // told below
        }
        throw new ConfigException(file + " has no certificate in PEM");
    }

    private static PrivateKey key(Path file) throws ConfigException {
        String text = read(file);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new ConfigException(file + " has no private key in PEM as PKCS#8, not encrypted (openssl pkcs8 -topk8"
                    + " -nodes makes it one)");
        }
        try {
            if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                throw new ConfigException("the key " + file + " may be read by all; run chmod 0600 " + file);
            }
        } catch (IOException e) {
            throw new ConfigException(file + " cannot be looked at: " + e.getMessage());
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
            for (String algorithm : ALGORITHMS) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
                } catch (InvalidKeySpecException e) {
                    // of another kind
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // told below
        }
        throw new ConfigException("the private key in " + file + " is none of " + String.join(", ", ALGORITHMS));
    }

    private static String read(Path file) throws ConfigException {
        try {
            return Files.readString(TrustedPath.of(file), StandardCharsets.US_ASCII);
        } catch (NoSuchFileException e) {
            throw new ConfigException("there is no file " + file);
        } catch (UntrustedException e) {
            throw new ConfigException("the file " + e.getMessage());
        } catch (CharacterCodingException e) {
            throw new ConfigException(file + " is not in PEM");
        } catch (IOException e) {
            throw new ConfigException(file + " cannot be read: " + e.getMessage());
        }
    }
}
