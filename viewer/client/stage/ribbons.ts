import {
  BufferAttribute,
  Color,
  DataTexture,
  DoubleSide,
  FloatType,
  GLSL3,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
  Mesh,
  NearestFilter,
  RGFormat,
  ShaderMaterial,
  Vector2,
  Vector4,
} from 'three'

const VERTEX = /* glsl */ `
precision highp float;
uniform highp sampler2D first;
uniform highp sampler2D second;
uniform float mixing;
uniform float points;
uniform float reveal;
uniform float lift;
uniform float thickness;
uniform vec2 resolution;
in float along;
in float side;
in vec4 color;
out vec4 vColor;
out float vAlong;
out float vSide;

vec2 stored(float at) {
  ivec2 place = ivec2(int(at), gl_InstanceID);
  return mix(texelFetch(first, place, 0).xy, texelFetch(second, place, 0).xy, mixing);
}
// Positions between two points, and not beyond the end that is revealed.
vec2 pointAt(float at) {
  float end = min(reveal, points - 1.0);
  float here = clamp(at, 0.0, end);
  float below = floor(here);
  return mix(stored(below), stored(min(below + 1.0, points - 1.0)), here - below);
}
vec4 clip(vec2 place) {
  return projectionMatrix * modelViewMatrix * vec4(place, lift, 1.0);
}
vec2 onScreen(vec4 place) {
  return place.xy / place.w * resolution * 0.5;
}
vec2 direction(vec2 from, vec2 to, vec2 otherwise) {
  vec2 way = to - from;
  float far = length(way);
  return far > 0.001 ? way / far : otherwise;
}
void main() {
  vec4 here = clip(pointAt(along));
  vec2 at = onScreen(here);
  vec2 before = onScreen(clip(pointAt(along - 1.0)));
  vec2 after = onScreen(clip(pointAt(along + 1.0)));
  vec2 out_ = direction(at, after, vec2(0.0));
  vec2 in_ = direction(before, at, out_);
  if (out_ == vec2(0.0)) out_ = in_;
  vec2 tangent = direction(vec2(0.0), in_ + out_, out_);
  vec2 normal = vec2(-tangent.y, tangent.x);
  // Sharp corners would grow long miters.
  float miter = 1.0 / max(0.5, dot(normal, vec2(-out_.y, out_.x)));
  vec2 offset = normal * side * (thickness + 1.0) * 0.5 * miter;
  here.xy += offset / (resolution * 0.5) * here.w;
  gl_Position = here;
  vColor = color;
  vAlong = min(along, reveal);
  vSide = side * (thickness + 1.0) * 0.5;
}
`

const FRAGMENT = /* glsl */ `
precision highp float;
uniform float opacity;
uniform float solidUntil;
uniform float faint;
uniform float thickness;
in vec4 vColor;
in float vAlong;
in float vSide;
out vec4 pixel;
void main() {
  float edge = clamp((thickness + 1.0) * 0.5 - abs(vSide), 0.0, 1.0);
  float strength = mix(1.0, faint, smoothstep(solidUntil - 0.05, solidUntil + 0.05, vAlong));
  pixel = vec4(vColor.rgb, vColor.a * opacity * strength * edge);
  if (pixel.a < 0.004) discard;
  pixel = linearToOutputTexel(pixel);
}
`

/** How all ribbons of a mesh look. */
export interface RibbonStyle {
  /** Width on the screen, px. */
  readonly thickness?: number
  /** Height above the table. */
  readonly lift?: number
  readonly opacity?: number
  /** Points up to which they are solid, and their strength beyond. */
  readonly solidUntil?: number
  readonly faint?: number
}

/**
 * Many paths of equally many points as one instanced mesh, of constant width on the screen. Points lie in two
 * textures, between which the shader mixes, so that a plan moves from one denoise step to the next without
 * anything being uploaded.
 */
export class Ribbons {
  readonly mesh: Mesh<InstancedBufferGeometry, ShaderMaterial>
  #points = 0
  #count = 0
  #first: Float32Array | undefined
  #second: Float32Array | undefined

  constructor() {
    const material = new ShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      transparent: true,
      side: DoubleSide,
      depthWrite: false,
      uniforms: {
        first: { value: null },
        second: { value: null },
        mixing: { value: 0 },
        points: { value: 0 },
        reveal: { value: 1e9 },
        lift: { value: 0 },
        thickness: { value: 2 },
        opacity: { value: 1 },
        solidUntil: { value: 1e9 },
        faint: { value: 0.3 },
        resolution: { value: new Vector2(1, 1) },
      },
    })
    this.mesh = new Mesh(new InstancedBufferGeometry(), material)
    this.mesh.frustumCulled = false
    this.mesh.visible = false
    this.mesh.onBeforeRender = (renderer) => {
      renderer.getCurrentViewport(viewport)
      material.uniforms.resolution.value.set(viewport.z, viewport.w).divideScalar(renderer.getPixelRatio())
    }
  }

  /**
   * @param first paths, [count, points, 2]
   * @param second what they move to as `mixing` goes from 0 to 1; the same where absent
   */
  setPaths(count: number, points: number, first: Float32Array, second = first, mixing = 0): void {
    if (count === 0 || points < 2) {
      this.clear()
      return
    }
    const { uniforms } = this.mesh.material
    if (count !== this.#count || points !== this.#points) this.#resize(count, points)
    if (!same(first, this.#first)) fill(uniforms.first.value, first)
    if (!same(second, this.#second)) fill(uniforms.second.value, second)
    this.#first = first
    this.#second = second
    uniforms.mixing.value = mixing
    this.mesh.visible = true
  }

  /** @param color of each path, a CSS colour, and its opacity */
  setColors(color: (index: number) => string, opacity: (index: number) => number = () => 1): void {
    const attribute = this.mesh.geometry.getAttribute('color')
    if (!attribute) return
    const known = new Map<string, Color>()
    for (let i = 0; i < this.#count; i++) {
      const name = color(i)
      const { r, g, b } = known.get(name) ?? new Color(name)
      attribute.setXYZW(i, r, g, b, opacity(i))
    }
    attribute.needsUpdate = true
  }

  setStyle(style: RibbonStyle): void {
    for (const [name, value] of Object.entries(style)) this.mesh.material.uniforms[name].value = value
  }

  /** How many of its points are drawn; may lie between two. */
  set reveal(points: number) {
    this.mesh.material.uniforms.reveal.value = points
  }

  clear(): void {
    this.mesh.visible = false
  }

  dispose(): void {
    for (const texture of this.#textures()) texture?.dispose()
    this.mesh.geometry.dispose()
    this.mesh.material.dispose()
  }

  #textures(): (DataTexture | null)[] {
    const { first, second } = this.mesh.material.uniforms
    return [first.value, second.value]
  }

  #resize(count: number, points: number): void {
    for (const texture of this.#textures()) texture?.dispose()
    this.mesh.geometry.dispose()
    this.#count = count
    this.#points = points
    this.#first = undefined
    this.#second = undefined
    const { uniforms } = this.mesh.material
    for (const name of ['first', 'second']) {
      const texture = new DataTexture(
        new Float32Array(count * points * 2),
        points,
        count,
        RGFormat,
        FloatType,
      )
      texture.minFilter = NearestFilter
      texture.magFilter = NearestFilter
      uniforms[name].value = texture
    }
    uniforms.points.value = points
    this.mesh.geometry = strip(count, points)
  }
}

const viewport = new Vector4()

/** Whether two views show the same numbers: messages are never changed, so the same place is enough. */
function same(a: Float32Array, b: Float32Array | undefined): boolean {
  return a.buffer === b?.buffer && a.byteOffset === b.byteOffset && a.length === b.length
}

function fill(texture: DataTexture, values: Float32Array): void {
  ;(texture.image.data as Float32Array).set(values)
  texture.needsUpdate = true
}

/** A strip of triangles along `points` places, instanced `count` times. */
function strip(count: number, points: number): InstancedBufferGeometry {
  const geometry = new InstancedBufferGeometry()
  const along = new Float32Array(points * 2)
  const side = new Float32Array(points * 2)
  const index = new Uint16Array((points - 1) * 6)
  for (let i = 0; i < points; i++) {
    along.fill(i, 2 * i, 2 * i + 2)
    side.set([-1, 1], 2 * i)
    if (i + 1 < points) index.set([2 * i, 2 * i + 1, 2 * i + 2, 2 * i + 2, 2 * i + 1, 2 * i + 3], 6 * i)
  }
  geometry.setAttribute('along', new BufferAttribute(along, 1))
  geometry.setAttribute('side', new BufferAttribute(side, 1))
  // Three.js takes the number of vertices from here.
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(points * 6), 3))
  geometry.setAttribute('color', new InstancedBufferAttribute(new Float32Array(count * 4), 4))
  geometry.setIndex(new BufferAttribute(index, 1))
  geometry.instanceCount = count
  return geometry
}
