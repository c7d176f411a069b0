/* An n-body-like double precision loop: multiply-adds, divisions, square roots. */
#define N 16
static double x[N], y[N], vx[N], vy[N], m[N];

static double root(double v)
{
    double r;
    __asm__("fsqrt.d %0, %1" : "=f"(r) : "f"(v));
    return r;
}

unsigned long run(unsigned long repetitions)
{
    for (int i = 0; i < N; i++) {
        x[i] = i * 1.25 - 3.0;
        y[i] = i * i * 0.375 + 0.1;
        vx[i] = vy[i] = 0.0;
        m[i] = 1.0 + i * 0.0625;
    }
    while (repetitions--) {
        for (int i = 0; i < N; i++) {
            double ax = 0.0, ay = 0.0;
            for (int j = 0; j < N; j++) {
                double dx = x[j] - x[i], dy = y[j] - y[i];
                double d2 = dx * dx + dy * dy + 0.01;
                double f = m[j] / (d2 * root(d2));
                ax += dx * f;
                ay += dy * f;
            }
            vx[i] += ax * 0.001;
            vy[i] += ay * 0.001;
        }
        for (int i = 0; i < N; i++) {
            x[i] += vx[i] * 0.001;
            y[i] += vy[i] * 0.001;
        }
    }
    union { double d; unsigned long l; } u;
    u.d = x[0] + y[N - 1];
    return u.l;
}
