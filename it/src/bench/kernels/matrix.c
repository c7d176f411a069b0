/* 64 x 64 integer matrix product: multiply-add over two strides. */
#define N 64
static long a[N][N], b[N][N], c[N][N];

unsigned long run(unsigned long repetitions)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = i * 3 + j;
            b[i][j] = i ^ j * 5;
        }
    unsigned long check = 0;
    while (repetitions--) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                long sum = 0;
                for (int k = 0; k < N; k++)
                    sum += a[i][k] * b[k][j];
                c[i][j] = sum;
            }
        a[0][0] += c[N - 1][N - 1] & 7;
        check += c[N / 2][N / 3];
    }
    return check;
}
