//! A mesh under construction: simple solids with light and shade painted into their vertices.

use bevy::asset::RenderAssetUsages;
use bevy::mesh::{Indices, Mesh, PrimitiveTopology};
use bevy::prelude::*;
use std::f32::consts::TAU;

/// Where the light comes from: the low sun in the east, somewhat to the south.
const SUN: Vec3 = Vec3::new(0.72, 0.58, 0.38);

/// Collects coloured triangles.
#[derive(Default)]
pub struct Brush {
    positions: Vec<Vec3>,
    colors: Vec<[f32; 4]>,
    indices: Vec<u32>,
    place: Mat4,
}

/// A colour from six hexadecimal digits of sRGB.
pub fn paint(hex: &str) -> Vec3 {
    LinearRgba::from(Srgba::hex(hex).unwrap_or(Srgba::rgb(1.0, 0.0, 1.0))).to_vec3()
}

/// A colour under the sun: warm where it shines, cool where it does not.
fn lit(color: Vec3, normal: Vec3) -> Vec3 {
    let sun = normal.dot(SUN.normalize()) * 0.5 + 0.5;
    let cool = Vec3::new(0.56, 0.58, 0.76);
    let warm = Vec3::new(1.08, 1.03, 0.95);
    color * cool.lerp(warm, sun.powf(1.2))
}

impl Brush {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            place: Mat4::IDENTITY,
            ..default()
        }
    }

    /// What is painted next stands here.
    pub fn at(&mut self, place: Transform) -> &mut Self {
        self.place = place.to_matrix();
        self
    }

    /// The mesh.
    pub fn finish(self) -> Mesh {
        let flat = vec![[0.0, 1.0, 0.0]; self.positions.len()];
        Mesh::new(
            PrimitiveTopology::TriangleList,
            RenderAssetUsages::RENDER_WORLD,
        )
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, flat)
        .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, self.colors)
        .with_inserted_indices(Indices::U32(self.indices))
    }

    /// A four-cornered face, counter-clockwise from the front, each corner with its colour as it
    /// is to be seen (not lit) and its share of haze.
    pub fn quad(&mut self, corners: [Vec3; 4], colors: [Vec3; 4], haze: f32) -> &mut Self {
        let first = self.positions.len() as u32;
        for (corner, color) in corners.into_iter().zip(colors) {
            self.vertex(corner, color, haze);
        }
        let order = [0, 1, 2, 0, 2, 3];
        self.indices.extend(order.map(|i| first + i));
        self
    }

    /// A box with its foot on `y = 0`, darker towards the ground; the colour of each side by its
    /// outward normal (a unit vector along an axis).
    pub fn block(&mut self, half: Vec2, height: f32, color: impl Fn(Vec3) -> Vec3) -> &mut Self {
        for normal in [Vec3::X, Vec3::NEG_X, Vec3::Z, Vec3::NEG_Z] {
            let turned = self.place.transform_vector3(normal).normalize_or_zero();
            let side = Vec3::Y.cross(normal);
            let out = normal * (normal.x.abs() * half.x + normal.z.abs() * half.y);
            let wide = side * (side.x.abs() * half.x + side.z.abs() * half.y);
            let base = lit(color(normal), turned);
            let mut bands = [(0.0, 0.70), (0.22 * height, 0.90), (height, 1.04)];
            if height > 1.5 {
                bands[1].0 = 0.45;
            }
            for pair in bands.windows(2) {
                let &[(low, dark), (high, bright)] = pair else {
                    continue;
                };
                let at = |w: f32, y: f32| out + wide * w + Vec3::Y * y;
                self.quad(
                    [at(-1.0, low), at(1.0, low), at(1.0, high), at(-1.0, high)],
                    [base * dark, base * dark, base * bright, base * bright],
                    1.0,
                );
            }
        }
        let turned = self.place.transform_vector3(Vec3::Y).normalize_or_zero();
        let top = lit(color(Vec3::Y), turned);
        let at = |x: f32, z: f32| Vec3::new(x * half.x, height, z * half.y);
        self.quad(
            [at(-1., 1.), at(1., 1.), at(1., -1.), at(-1., -1.)],
            [top; 4],
            1.0,
        )
    }

    /// A round body with its foot on `y = 0`: rings of (height, radius, colour), bottom to top.
    pub fn turned(&mut self, rings: &[(f32, f32, Vec3)], sides: usize, haze: f32) -> &mut Self {
        let around = |i: usize| {
            let (sin, cos) = (i as f32 / sides as f32 * TAU).sin_cos();
            Vec3::new(cos, 0.0, sin)
        };
        for pair in rings.windows(2) {
            let &[(low, wide, lower), (high, narrow, upper)] = pair else {
                continue;
            };
            // The slope tilts the normal: up where the body narrows.
            let slope = Vec2::new(high - low, wide - narrow).normalize_or_zero();
            let shade = |out: Vec3, color: Vec3| {
                let normal = out * slope.x + Vec3::Y * slope.y;
                lit(
                    color,
                    self.place.transform_vector3(normal).normalize_or_zero(),
                )
            };
            let ring: Vec<_> = (0..sides)
                .map(around)
                .flat_map(|out| {
                    let at = |r: f32, y: f32| out * r + Vec3::Y * y;
                    [
                        (at(wide, low), shade(out, lower)),
                        (at(narrow, high), shade(out, upper)),
                    ]
                })
                .collect();
            let first = self.positions.len() as u32;
            for (corner, color) in ring {
                self.vertex(corner, color, haze);
            }
            for i in 0..sides as u32 {
                let (a, b) = (2 * ((i + 1) % sides as u32), 2 * i);
                let order = [a, b, b + 1, a, b + 1, a + 1];
                self.indices.extend(order.map(|i| first + i));
            }
        }
        self
    }

    /// A ball around the origin.
    pub fn ball(&mut self, radius: f32, color: Vec3) -> &mut Self {
        const RINGS: usize = 10;
        let rings: Vec<_> = (0..=RINGS)
            .map(|i| {
                let (sin, cos) = (i as f32 / RINGS as f32 * TAU / 2.0).sin_cos();
                (-cos * radius, sin * radius, color)
            })
            .collect();
        self.turned(&rings, 20, 1.0)
    }

    /// A flat regular polygon around the origin in the plane z = 0, seen from +z, of one colour.
    pub fn polygon(&mut self, radius: f32, sides: usize, color: Vec3, haze: f32) -> &mut Self {
        let corner = |i: usize| {
            let (sin, cos) = ((i as f32 + 0.5) / sides as f32 * TAU - TAU / 4.0).sin_cos();
            Vec3::new(cos * radius, sin * radius, 0.0)
        };
        let middle = self.positions.len() as u32;
        self.vertex(Vec3::ZERO, color, haze);
        for i in 0..sides {
            self.vertex(corner(i), color, haze);
        }
        for i in 0..sides as u32 {
            let next = (i + 1) % sides as u32;
            self.indices
                .extend([middle, middle + 1 + i, middle + 1 + next]);
        }
        self
    }

    fn vertex(&mut self, at: Vec3, color: Vec3, haze: f32) {
        self.positions.push(self.place.transform_point3(at));
        self.colors.push(color.extend(haze).to_array());
    }
}
