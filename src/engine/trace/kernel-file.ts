/** Beginnings of names by which kernels that are not translated yet belong to a file; the first that fits. */
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/Pool/, 'pool.ts'],
  [/^(FusedConv|Conv\dD|(Fused)?Depthwise|Dilation2D)/, 'conv.ts'],
  [/^(Resize|DepthToSpace|CropAndResize|FlipLeftRight|Rotate|Transform$)/, 'resize.ts'],
  [/^(Batch|_Fused)MatMul|^Einsum/, 'matmul.ts'],
  [/BatchNorm|^LRN/, 'normalize.ts'],
  [/Gather|Scatter|Segment|^OneHot|Bincount|^Sparse|^Unique|Bound$|^Search/, 'gather.ts'],
  [/^(Sum|Mean|Max|Min|Prod|All|Any|ArgM\w+|Cum\w+|(Log)?Softmax|TopK)$/, 'reduce.ts'],
  [/^(Fill|(Ragged)?Range|LinSpace|Multinomial|Diag|MatrixBandPart)$/, 'create.ts'],
  [
    /^(Reshape|ExpandDims|Transpose|Slice|StridedSlice|Reverse|Concat|(Un)?[Pp]ack|Split|Tile|Broadcast|PadV2|MirrorPad|(Batch|Space)To)/,
    'shape.ts',
  ],
  [
    /^(Add|Sub|Multiply|Maximum|Minimum|RealDiv|FloorDiv|Mod|Pow|SquaredDifference|AddN|Atan2|BitwiseAnd|(Not)?Equal|(Greater|Less)(Equal)?|Logical\w+|Select)$/,
    'binary.ts',
  ],
]

/** The file of `kernels/` that a tfjs kernel belongs to by its name: with its family, or else elementwise. */
export function kernelFile(kernel: string): string {
  return FAMILIES.find(([names]) => names.test(kernel))?.[1] ?? 'elementwise.ts'
}
