package dev.cprkit.vmm.machine.fdt;

/**
 * The {@code cpus} node: one node and one interrupt controller for each hart, and the map of their places.
 *
 * <p>Phandles are numbered from 1, the last hart first: the hart's, then its interrupt controller's. That is QEMU's way.
 */
public final class HartNodes {
    /** What the harts can do, as a guest is told. */
    public static final String ISA = "rv64imafdc_zicntr_zicsr_zifencei_zihpm_zba_zbb_zbs_sstc_svadu";

    /** The part of {@link #ISA} that names the base. */
    private static final String BASE = "rv64i";

    private HartNodes() {}

    private static int phandle(int hart, int harts) {
        return 1 + 2 * (harts - 1 - hart);
    }

    private static int interruptController(int hart, int harts) {
        return phandle(hart, harts) + 1;
    }

    /** The phandles of all harts' interrupt controllers, hart 0 first. */
    public static int[] interruptControllers(int harts) {
        int[] phandles = new int[harts];
        for (int hart = 0; hart < harts; hart++) {
            phandles[hart] = interruptController(hart, harts);
        }
        return phandles;
    }

    /** The first phandle that no hart uses. */
    public static int firstFree(int harts) {
        return 1 + 2 * harts;
    }

    /**
     * Adds the harts.
     *
     * @param isa the harts' instruction set, as {@link #ISA}
     * @param mmu the widest address translation: {@code riscv,sv48}
     * @param frequency ticks of the time CSR in a second
     */
    public static void describe(FdtNode root, int harts, String isa, String mmu, int frequency) {
        FdtNode cpus = root.child("cpus")
                .cells("#address-cells", 1)
                .cells("#size-cells", 0)
                .cells("timebase-frequency", frequency);
        for (int hart = 0; hart < harts; hart++) {
            FdtNode cpu = cpus.child("cpu@" + Integer.toHexString(hart))
                    .cells("phandle", phandle(hart, harts))
                    .strings("device_type", "cpu")
                    .cells("reg", hart)
                    .strings("status", "okay")
                    .strings("compatible", "riscv")
                    .strings("riscv,isa-extensions", extensions(isa))
                    .strings("riscv,isa-base", BASE)
                    .strings("riscv,isa", isa)
                    .strings("mmu-type", mmu);
            cpu.child("interrupt-controller")
                    .cells("#interrupt-cells", 1)
                    .flag("interrupt-controller")
                    .strings("compatible", "riscv,cpu-intc")
                    .cells("phandle", interruptController(hart, harts));
        }
        FdtNode cluster = cpus.child("cpu-map").child("cluster0");
        for (int hart = 0; hart < harts; hart++) {
            cluster.child("core" + hart).cells("cpu", phandle(hart, harts));
        }
    }

    /** The extensions one by one: the letters after {@code rv64}, then the words between the underscores. */
    static String[] extensions(String isa) {
        String[] words = isa.split("_", -1);
        String letters = words[0].substring("rv64".length());
        String[] all = new String[letters.length() + words.length - 1];
        for (int i = 0; i < letters.length(); i++) {
            all[i] = letters.substring(i, i + 1);
        }
        System.arraycopy(words, 1, all, letters.length(), words.length - 1);
        return all;
    }
}
