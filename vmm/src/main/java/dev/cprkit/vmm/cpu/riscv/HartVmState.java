package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.VmState;

/** What of a hart travels: every register that holds state. TLBs, decoded code and the reservation stay behind. */
final class HartVmState {
    private static final VmState<RiscvHart> TYPE = VmState.<RiscvHart>of("cpu", 1)
            .u64s("x", 32, h -> h.travellingX)
            .u64s("f", 32, h -> h.f)
            .u64("pc", h -> h.pc, (h, v) -> h.pc = v)
            .u8("priv", h -> h.mode, (h, v) -> h.mode = (int) v)
            .u8("fflags", h -> h.status.flags, (h, v) -> h.status.flags = (int) v)
            .u8("frm", h -> h.csrs.frm, (h, v) -> h.csrs.frm = (int) v)
            .u64("mstatus", h -> h.csrs.mstatus, (h, v) -> h.csrs.mstatus = v)
            .u64("medeleg", h -> h.csrs.medeleg, (h, v) -> h.csrs.medeleg = v)
            .u64("mideleg", h -> h.csrs.mideleg, (h, v) -> h.csrs.mideleg = v)
            .u64("mie", h -> h.csrs.mie, (h, v) -> h.csrs.mie = v)
            .u64("mip_software", h -> h.csrs.softwarePending, (h, v) -> h.csrs.softwarePending = v)
            .u64("mip_lines", h -> h.interrupts.lines(), (h, v) -> h.interrupts.setLines(v))
            .u64("mtvec", h -> h.csrs.mtvec, (h, v) -> h.csrs.mtvec = v)
            .u64("mcounteren", h -> h.csrs.mcounteren, (h, v) -> h.csrs.mcounteren = v)
            .u64("menvcfg", h -> h.csrs.menvcfg, (h, v) -> h.csrs.menvcfg = v)
            .u64("mscratch", h -> h.csrs.mscratch, (h, v) -> h.csrs.mscratch = v)
            .u64("mepc", h -> h.csrs.mepc, (h, v) -> h.csrs.mepc = v)
            .u64("mcause", h -> h.csrs.mcause, (h, v) -> h.csrs.mcause = v)
            .u64("mtval", h -> h.csrs.mtval, (h, v) -> h.csrs.mtval = v)
            .u64("stvec", h -> h.csrs.stvec, (h, v) -> h.csrs.stvec = v)
            .u64("scounteren", h -> h.csrs.scounteren, (h, v) -> h.csrs.scounteren = v)
            .u64("senvcfg", h -> h.csrs.senvcfg, (h, v) -> h.csrs.senvcfg = v)
            .u64("sscratch", h -> h.csrs.sscratch, (h, v) -> h.csrs.sscratch = v)
            .u64("sepc", h -> h.csrs.sepc, (h, v) -> h.csrs.sepc = v)
            .u64("scause", h -> h.csrs.scause, (h, v) -> h.csrs.scause = v)
            .u64("stval", h -> h.csrs.stval, (h, v) -> h.csrs.stval = v)
            .u64("satp", h -> h.csrs.satp, (h, v) -> h.csrs.satp = v)
            .u64("stimecmp", h -> h.csrs.stimecmp, (h, v) -> h.csrs.stimecmp = v)
            .u32("mcountinhibit", h -> h.csrs.counters.inhibited, (h, v) -> h.csrs.counters.inhibited = (int) v)
            .u64("mcycle", h -> h.csrs.counters.cycle(), (h, v) -> h.csrs.counters.load(v, true))
            .u64("minstret", h -> h.csrs.counters.instret(), (h, v) -> h.csrs.counters.load(v, false))
            .u32s("pmpcfg", Pmp.ENTRIES, h -> h.pmp.configurations())
            .u64s("pmpaddr", Pmp.ENTRIES, h -> h.pmp.addresses())
            .bool("waiting", RiscvHart::waiting, RiscvHart::setWaiting)
            .bool("stopped", RiscvHart::stopped, RiscvHart::setStopped)
            .preSave(h -> System.arraycopy(h.x, 0, h.travellingX, 0, 32))
            .postLoad((hart, version) -> check(hart))
            .build();

    private HartVmState() {}

    static Section<RiscvHart> section(RiscvHart hart) {
        return Section.of(TYPE, hart.id, hart);
    }

    private static void check(RiscvHart hart) throws StateException {
        if (hart.mode != RiscvHart.USER && hart.mode != RiscvHart.SUPERVISOR && hart.mode != RiscvHart.MACHINE) {
            throw new StateException("cpu: the privilege mode " + hart.mode + " does not exist");
        }
        System.arraycopy(hart.travellingX, 0, hart.x, 0, 32);
        if (hart.x[0] != 0) {
            throw new StateException("cpu: register x0 is not 0");
        }
        hart.loaded();
    }
}
